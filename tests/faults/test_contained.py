"""Workers that break: one file is named, the others are read as ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pipeline.contained import ReadingWorkers
from pipeline.errors import WorkerError
from pipeline.find import Found, find_files
from pipeline.limits import Limits
from pipeline.read import FileRead, ReadOptions, digest_of, read_file
from pipeline.reading import ahead
from pipeline.records import Document, ManifestRow, Skipped
from pipeline.worker import EXIT_MEMORY
from tests.conftest import ROOT
from tests.faults.bad_readers import leave_at_once, read_badly

PATIENT = Limits(seconds=20.0)
HASTY = Limits(seconds=1.0)
PROSE = "The district pays for a second bus so that pupils from the valley can stay for the robotics club. "


def put(folder: Path, *names: str) -> list[Found]:
    """Write a file of words for each name and find them, in the order of the names."""
    for name in names:
        (folder / f"{name}.txt").write_text(f"{PROSE} This is {name}.", encoding="utf-8")
    found, skipped = find_files([folder / f"{name}.txt" for name in names], folder)
    assert skipped == []
    return found


def read(found, *, limits=PATIENT, workers=2, row=None) -> list[FileRead]:
    with ReadingWorkers(limits=limits, workers=workers, reader=read_badly) as crew:
        return list(crew.read((item, ReadOptions("policy", None, row)) for item in found))


def named(read: FileRead) -> str:
    (result,) = read.results
    assert isinstance(result, Skipped)
    assert result.path == read.found.display
    assert result.remedy
    return result.found


def test_workers_read_what_is_read_without_them_in_the_order_given(tmp_path):
    found = put(tmp_path, *(f"file {i}" for i in range(40)))
    row = ManifestRow(None, "A title", {"year": "2021"})
    expected = [read_file(item, ReadOptions("policy", None, row)) for item in found]
    assert read(found, row=row) == expected
    assert all(isinstance(r.results[0], Document) for r in expected)


@pytest.mark.parametrize(
    ("fault", "limits", "said"),
    [
        ("abort", PATIENT, "broke down on it"),
        ("segfault", PATIENT, "broke down on it"),
        ("leave", PATIENT, "broke down on it"),
        ("hang", HASTY, "longer than a file of its size may take"),
        ("lock", HASTY, "longer than a file of its size may take"),
        ("eat", PATIENT, "more than 2 GB of memory"),
        ("gulp", PATIENT, "more than 2 GB of memory"),
        ("fail", PATIENT, "LookupError: no such thing"),
        ("dial", PATIENT, "may not use the network"),
        ("fetch", PATIENT, "may not use the network"),
    ],
)
def test_a_fault_names_its_file_and_the_others_are_read(tmp_path, fault, limits, said):
    names = ["good 1", f"{fault}-1", "good 2", f"{fault}-2", "good 3"]
    reads = read(put(tmp_path, *names), limits=limits)
    assert [r.found.path.stem for r in reads] == names
    for r in reads:
        if r.found.path.stem.startswith("good"):
            assert isinstance(r.results[0], Document)
        else:
            assert said in named(r)


def test_a_stopped_worker_is_killed_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.contained._GRACE", 0.5)
    reads = read(put(tmp_path, "stop-1", "good"), limits=Limits(seconds=1.0, most_seconds_asked=1.0))
    assert "longer than a file" in named(reads[0])
    assert isinstance(reads[1].results[0], Document)


def test_a_worker_that_dies_at_once_over_and_over_loses_only_those_files(tmp_path):
    names = [f"{'abort' if i % 2 else 'good'}-{i}" for i in range(60)]
    reads = read(put(tmp_path, *names))
    assert [isinstance(r.results[0], Document) for r in reads] == [n.startswith("good") for n in names]


def test_a_reader_may_ask_for_more_time_up_to_the_end(tmp_path):
    (found,) = put(tmp_path, "patience-1")
    assert isinstance(read([found], limits=HASTY)[0].results[0], Document)
    assert "longer than" in named(read([found], limits=Limits(seconds=1.0, most_seconds_asked=1.2))[0])


def test_a_larger_file_may_take_longer_but_none_for_ever():
    limits = Limits()
    assert limits.seconds_for(0) == limits.seconds
    assert limits.seconds_for(5_000_000) > 5_000 * 0.05  # five thousand pages of 1 KB, 0.05 s a page
    assert limits.seconds_for(10**12) == limits.most_seconds


def test_a_worker_is_replaced_after_so_many_files(tmp_path):
    found = put(tmp_path, *(f"file {i}" for i in range(7)))
    limits = Limits(files_a_worker=2)
    with ReadingWorkers(limits=limits, workers=1, reader=process_of) as crew:
        ids = [r.digest for r in crew.read((item, ReadOptions()) for item in found)]
    assert [ids.count(i) for i in dict.fromkeys(ids)] == [2, 2, 2, 1]


def process_of(found: Found, options: ReadOptions) -> FileRead:
    return FileRead(found, str(os.getpid()), [])


def test_files_are_taken_a_few_ahead_and_no_more(tmp_path):
    (found,) = put(tmp_path, "file")
    taken = 0

    def files():
        nonlocal taken
        while True:
            taken += 1
            yield found, ReadOptions()

    with ReadingWorkers(workers=2, reader=read_badly) as crew:
        reads = crew.read(files())
        for _ in range(50):
            next(reads)
        assert 50 <= taken <= 50 + 2 * 8 + 1


def test_too_much_text_is_refused_and_named(tmp_path):
    (found,) = put(tmp_path, "file")
    assert "million characters" in named(read([found], limits=Limits(most_characters=10))[0])


def test_an_exception_leaves_no_worker_behind(tmp_path):
    found = put(tmp_path, *(f"hang-{i}" for i in range(3)))
    with ReadingWorkers(workers=2, reader=read_badly) as crew:
        reads = crew.read((item, ReadOptions()) for item in found)
        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            next(reads)
        signal.signal(signal.SIGALRM, before)
        workers = [worker.process for worker in crew._workers]
        assert all(process.is_alive() for process in workers)
    assert len(workers) == 2
    assert not any(process.is_alive() for process in workers)


def interrupt(*_):
    raise KeyboardInterrupt


def test_where_no_worker_can_start_no_file_is_blamed(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.contained.serve", leave_at_once)
    found = put(tmp_path, "good")
    with pytest.raises(WorkerError, match="end as soon as they are started"):
        read(found)


def test_memory_is_watched_where_the_system_sets_no_limit():
    eats = (
        "import threading; from pipeline.worker import watch_memory;"
        "threading.Thread(target=watch_memory, args=(400_000_000,), daemon=True).start();"
        "import time; hoard = [bytearray(10_000_000) for _ in range(60) if not time.sleep(0.02)]"
    )
    done = subprocess.run([sys.executable, "-c", eats], cwd=ROOT, timeout=60)  # noqa: S603 - our own words
    assert done.returncode == EXIT_MEMORY


SCRIPT = """
import sys
from pathlib import Path
print("main", flush=True)
from pipeline.contained import ReadingWorkers
from pipeline.find import Found
from pipeline.limits import Limits
from pipeline.read import ReadOptions
from tests.faults.bad_readers import read_badly
with ReadingWorkers(limits=Limits(seconds=4.0), workers=2, reader=read_badly) as crew:
    files = [(Found(Path(name), name, ".txt"), ReadOptions()) for name in sys.argv[1:]]
    for read in crew.read(files):
        print(type(read.results[0]).__name__, flush=True)
"""


def script(tmp_path: Path, *names: Path) -> list[str]:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return [sys.executable, str(path), *map(str, names)]


def test_a_script_is_not_run_again_and_modules_beside_documents_are_not_imported(tmp_path):
    (found,) = put(tmp_path, "good")
    for name in ("socket.py", "signal.py", "pipeline.py", "selectors.py"):
        (tmp_path / name).write_text("raise SystemExit('code from the folder of documents was run')")
    done = subprocess.run(  # noqa: S603 - our own words
        # -P, as an installed command: the folder it is started in is none of its own
        [sys.executable, "-P", "-c", SCRIPT, str(found.path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout.split(), done.stderr) == (["main", "Document"], "")
    for name in ("socket.py", "signal.py", "pipeline.py", "selectors.py"):
        (tmp_path / name).unlink()
    done = subprocess.run(  # noqa: S603 - our own words
        script(tmp_path, found.path),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout.split(), done.stderr) == (["main", "Document"], "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_run(tmp_path, how):
    good, hang = put(tmp_path, "good", "hang-1")
    running = subprocess.Popen(  # noqa: S603 - our own words
        script(tmp_path, good.path, hang.path),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # What is started in the background of a shell ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert [running.stdout.readline().strip() for _ in range(2)] == ["main", "Document"]
    children = psutil.Process(running.pid).children(recursive=True)
    assert len(children) >= 2
    running.send_signal(how)
    assert running.wait(30) != 0
    running.stdout.close()
    gone, alive = psutil.wait_procs(children, timeout=30)  # the one that hangs has seconds of its own
    assert alive == []
    assert gone


def test_a_small_file_does_not_wait_for_a_second_worker(tmp_path):
    (found,) = put(tmp_path, "good")
    with ReadingWorkers(workers=8) as crew:
        list(crew.read([(found, ReadOptions())]))
        assert len(crew._workers) == 1


def test_a_file_that_vanishes_is_named(tmp_path):
    found = put(tmp_path, "good 1", "gone", "good 2")
    (tmp_path / "gone.txt").unlink()
    first, gone, last = read(found)
    assert "it cannot be opened (No such file or directory)" in named(gone)
    assert gone.digest is None
    assert first.digest
    assert last.digest


@pytest.mark.parametrize("fault", ["abort", "fail"])
def test_a_file_that_breaks_its_reader_is_known_by_its_bytes_all_the_same(tmp_path, fault):
    (found,) = put(tmp_path, f"{fault}-1")
    assert read([found])[0].digest == digest_of(found.path)


def test_who_leaves_does_not_wait_for_the_file_in_hand(tmp_path):
    good, hang = put(tmp_path, "good", "hang-1")
    came = []

    def noted(reads):
        for one in reads:
            came.append(one)
            yield one

    with ReadingWorkers(limits=PATIENT, workers=1, reader=read_badly) as crew:
        reads = noted(crew.read((item, ReadOptions()) for item in (good, hang)))
        with ahead(reads, hurry=crew.stop) as taken:
            next(taken)
    assert [r.found.path.stem for r in came] == ["good"], "and not the one that hangs, its time being up"
