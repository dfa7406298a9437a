"""A run that is killed at any moment goes on and comes to the very same bytes."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import weakref
from functools import partial
from multiprocessing import forkserver

import pytest

from benchmarks.made_collection import make_collection
from corpora.samples import samples_folder
from flows import outputs, stages
from flows.profiling import profile_all
from flows.settings import StoppedError, UsageError
from pipeline import write
from pipeline.contained import ReadingWorkers
from pipeline.read import read_file
from pipeline.run_folder import STORE_FILE, STORE_FOLDER
from pipeline.store import RunStore
from tests.conftest import ROOT
from tests.faults.bad_readers import read_badly
from tests.flows.conftest import run
from tests.flows.small_runs import contents, small_run

PROSE = "The district pays for a second bus so that pupils from the valley can stay for the robotics club. "


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given") / "in"
    make_collection(folder, 6)
    make_collection(folder, 4, rows=True, first=100)
    (folder / "twin.md").write_bytes((folder / "000003.md").read_bytes())
    (folder / "empty.txt").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def whole(given, tmp_path_factory):
    """What the run that nobody killed came to."""
    out = tmp_path_factory.mktemp("whole") / "out"
    small_run(given, out)
    return contents(out)


@pytest.fixture
def small_batches(monkeypatch):
    """Many moments at which something is half done."""
    for name, value in (("READ_BATCH_BYTES", 8_000), ("CODE_BATCH", 16), ("WINDOW", 64)):
        monkeypatch.setattr(stages, name, value)


class _InThisProcess:
    """Reads without workers, who cost a killed run a second each time; the command's are killed below."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def stop(self):
        pass

    def read(self, files):
        for found, options in files:
            yield read_file(found, options)


def _in_small_batches(given, out, resume):
    stages.READ_BATCH_BYTES, stages.CODE_BATCH, stages.WINDOW = 8_000, 16, 64
    stages.ReadingWorkers = _InThisProcess
    small_run(given, out, resume=resume)


@pytest.fixture
def runner():
    """A server that has imported all a run needs, from which runs to be killed begin at once.

    The one that starts the readers' workers has imported only what those need, and a process has one.
    """
    server = forkserver.ForkServer()
    server.set_forkserver_preload(["flows.stages", "benchmarks.small_model", "tests.flows.small_runs"])
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ensure_running", "connect_to_new_process", "get_inherited_fds"):
            patch.setattr(forkserver, name, getattr(server, name))
        yield multiprocessing.get_context("forkserver")
    server._stop()


def _killed(runner, given, out, after, *, resume):
    """Run in a process of its own and kill it after some seconds; whether it had ended before."""
    process = runner.Process(target=_in_small_batches, args=(given, out, resume))
    process.start()
    process.join(after)
    ended = not process.is_alive()
    process.kill()
    process.join()
    return ended


def _kill_at_random_moments(runner, given, tmp_path, whole, moments, seed):
    rng = random.Random(seed)  # noqa: S311 - moments, no secrets
    unfinished = 0
    assert _killed(runner, given, tmp_path / "first", None, resume=False)  # the server has to begin
    begun = time.monotonic()
    assert _killed(runner, given, tmp_path / "second", None, resume=False)
    seconds = time.monotonic() - begun
    for number in range(moments):
        out = tmp_path / f"out{number}"
        ended = _killed(runner, given, out, rng.uniform(0, 1.2 * seconds), resume=False)
        tries = 0
        while not ended:  # killed again and again, later every time
            unfinished += 1
            tries += 1
            ended = _killed(
                runner, given, out, tries * seconds, resume=(out / STORE_FOLDER / STORE_FILE).is_file()
            )
        assert contents(out) == whole
        assert not (out / STORE_FOLDER).exists()
    return unfinished


def test_a_run_killed_at_twenty_moments_comes_to_the_same_bytes(runner, given, tmp_path, whole):
    assert _kill_at_random_moments(runner, given, tmp_path, whole, 20, seed=1) >= 10


@pytest.mark.slow
def test_a_run_killed_at_two_hundred_moments_comes_to_the_same_bytes(runner, given, tmp_path, whole):
    assert _kill_at_random_moments(runner, given, tmp_path, whole, 200, seed=2) >= 100


def test_the_command_itself_is_killed_and_goes_on(tmp_path):
    """Once when it has begun to read and code, and the run that goes on with it while it writes."""
    out = tmp_path / "out"
    words = ["profile", str(samples_folder() / "unit-living-with-the-marsh.md"), "--no-cache", "--quiet"]
    for sign, more in ((f"{STORE_FOLDER}/{STORE_FILE}-wal", []), (".frames.xlsx*", ["--resume"])):
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "flows.cli", *words, *more, "--out", str(out)],
            cwd=ROOT,
            start_new_session=True,
        )
        while process.poll() is None and not any(out.glob(sign)):
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)  # its Prefect server too, which nobody else would stop
        assert process.wait() == -signal.SIGKILL
        assert not (out / "run.json").exists()
        if not more:  # begun and no further: what it left is gone on with
            assert (out / STORE_FOLDER / STORE_FILE).exists()
    again = run(*words, "--resume", out=out)
    assert again.code == 0, again.errors
    fresh = run(*words, out=tmp_path / "fresh")
    assert fresh.code == 0, fresh.errors
    assert contents(out) == contents(tmp_path / "fresh")


def test_what_was_read_and_coded_is_not_done_again(given, tmp_path, small_batches, monkeypatch):
    calls = []
    code = stages.code_passages

    def stop_after_five(passages, *more):
        calls.append(len(passages))
        if len(calls) == 6:
            raise KeyboardInterrupt
        return code(passages, *more)

    monkeypatch.setattr(stages, "code_passages", stop_after_five)
    with pytest.raises(KeyboardInterrupt):
        small_run(given, tmp_path / "out")
    done = sum(calls[:5])
    monkeypatch.setattr(stages, "code_passages", lambda p, *more: calls.append(len(p)) or code(p, *more))
    outcome = small_run(given, tmp_path / "out", resume=True)
    assert done + sum(calls[6:]) == outcome.passages


def _stopped(given, out):
    """Leave a run that was stopped when everything was coded."""

    def stop(work):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stages.profile_documents(*_arguments(given, out), steps=stages.Steps(profile=stop))


def _arguments(given, out, **more):
    from benchmarks.small_model import small_model
    from flows.settings import RunSettings
    from labels.codebook import load_codebook

    book = load_codebook("nasem-2024")
    return RunSettings(inputs=(given,), out=out, **more), book, lambda: (small_model(book), ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: {"kind": "policy"}, "was begun with no --kind, and now it is --kind policy"),
        (lambda folder: {"text_column": "text"}, "now it is --text-column text"),
        (lambda folder: (folder / "b.txt").write_text(PROSE) and {}, "files have come or gone"),
        (lambda folder: (folder / "a.txt").write_text(PROSE) and {}, "a.txt has changed since"),
        (lambda folder: (folder / "a.txt").unlink() or {}, "files have come or gone"),
        (lambda folder: (folder / "manifest.csv").write_text("path\na.txt\n") and {}, "another manifest"),
    ],
)
def test_a_run_is_gone_on_with_only_as_it_was_begun(tmp_path, change, said):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(PROSE * 3, encoding="utf-8")
    (folder / "c.txt").write_text(PROSE * 4, encoding="utf-8")
    _stopped(folder, tmp_path / "out")
    with pytest.raises(UsageError, match=rf"--resume: .*{said}.*leave --resume out"):
        small_run(folder, tmp_path / "out", resume=True, **change(folder))


def test_a_run_with_files_that_broke_their_reader_is_gone_on_with(tmp_path, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("abort-1", "fail-1", "good"):
        (folder / f"{name}.txt").write_text(f"{PROSE * 3} This is {name}.", encoding="utf-8")
    monkeypatch.setattr(stages, "ReadingWorkers", partial(ReadingWorkers, reader=read_badly))
    _stopped(folder, tmp_path / "out")
    outcome = small_run(folder, tmp_path / "out", resume=True)
    assert [s.path.rsplit("/", 1)[-1] for s in outcome.skipped] == ["abort-1.txt", "fail-1.txt"]
    assert outcome.documents == 1


def test_a_run_killed_while_it_wrote_among_its_documents_is_gone_on_with(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(PROSE * 3, encoding="utf-8")
    _stopped(folder, folder / "out")
    (folder / "out" / "passages.csv").write_text(f"text\n{PROSE * 3}\n", encoding="utf-8")
    assert small_run(folder, folder / "out", resume=True).documents == 1


def test_another_model_cannot_go_on(given, tmp_path, monkeypatch):
    _stopped(given, tmp_path / "out")
    monkeypatch.setattr("benchmarks.small_model.SmallEncoder.precision_", "other")
    with pytest.raises(UsageError, match="begun with another model"):
        small_run(given, tmp_path / "out", resume=True)


def test_nothing_to_resume_is_said(given, tmp_path):
    with pytest.raises(UsageError, match="there is no unfinished run in"):
        small_run(given, tmp_path / "out", resume=True)
    small_run(given, tmp_path / "out")
    with pytest.raises(UsageError, match="there is no unfinished run in"):
        small_run(given, tmp_path / "out", resume=True)


def test_a_damaged_store_is_said_and_a_new_run_begun_over_it(given, tmp_path, whole):
    out = tmp_path / "out"
    _stopped(given, out)
    (out / STORE_FOLDER / STORE_FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(UsageError, match=r"cannot be gone on from .*Leave --resume out"):
        small_run(given, out, resume=True)
    outcome = small_run(given, out)
    assert "thrown away" in outcome.remarks[0]
    assert contents(out) == whole


def test_two_runs_do_not_write_to_one_folder(given, tmp_path):
    store = RunStore.begin(tmp_path / "out", {})
    for resume in (False, True):
        with pytest.raises(UsageError, match="another run is writing to"):
            small_run(given, tmp_path / "out", resume=resume)
    store.remove()


def test_columns_and_seed_may_be_others_when_a_run_is_gone_on_with(given, tmp_path):
    with pytest.raises(UsageError, match=r"--by decade: .*are: kind, year.*with --resume and another column"):
        small_run(given, tmp_path / "out", by=("decade",))
    small_run(given, tmp_path / "out", by=("year",), seed=3, resume=True)
    small_run(given, tmp_path / "fresh", by=("year",), seed=3)
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _full_from(monkeypatch, nth):
    """Let the disk be full at the ``nth`` thing written, and from then on."""
    written = [0]
    sync = write._sync

    def fail(path):
        written[0] += 1
        if written[0] >= nth:
            raise FULL
        sync(path)

    monkeypatch.setattr(write, "_sync", fail)
    return written


@pytest.mark.parametrize("nth", [1, 2, 5, 9, 20, 30, 35])
def test_a_full_disk_leaves_nothing_half_written_and_the_run_goes_on(
    given, tmp_path, whole, nth, monkeypatch
):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        _full_from(patch, nth)
        with pytest.raises(StoppedError, match=r"the disk is full.*--resume"):
            small_run(given, out)
    left = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    whole_files = {n: data for n, data in left.items() if not n.startswith(STORE_FOLDER)}
    assert "run.json" not in left
    assert all(whole[name] == data or name == "report.html" for name, data in whole_files.items())
    small_run(given, out, resume=True)
    assert contents(out) == whole


def test_a_full_disk_while_the_store_is_written_stops_in_plain_words(given, tmp_path, whole):
    """A limit on the size of files stands for the disk: the store's is the largest."""
    out = tmp_path / "out"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(StoppedError, match="could not be written to the end"):
            small_run(given, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    small_run(given, out, resume=True)
    assert contents(out) == whole


def test_a_bug_is_not_called_a_full_disk(given, tmp_path):
    def wrong(work):
        raise sqlite3.OperationalError("no such table: nonsense")

    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        stages.profile_documents(*_arguments(given, tmp_path / "out"), steps=stages.Steps(profile=wrong))


def test_writing_that_failed_once_succeeds_the_second_time(given, tmp_path, whole, monkeypatch):
    """As where a network drive blinks: the flow tries the last stage twice."""
    report, calls = outputs.write_report, []

    def blink(*more):
        calls.append(1)
        if len(calls) == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        report(*more)

    def twice(work):
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            stages.write_outputs(work)
        stages.write_outputs(work)

    monkeypatch.setattr(outputs, "write_report", blink)
    stages.profile_documents(*_arguments(given, tmp_path / "out"), steps=stages.Steps(write=twice))
    assert contents(tmp_path / "out") == whole


def test_the_model_is_let_go_of_before_anything_is_written(given, tmp_path):
    settings, book, load = _arguments(given, tmp_path / "out")
    known = []

    def loaded():
        model, warnings = load()
        known.append(weakref.ref(model.encoder))
        return model, warnings

    def profile(work):
        assert known[0]() is None
        profile_all(work)

    stages.profile_documents(settings, book, loaded, steps=stages.Steps(profile=profile))
