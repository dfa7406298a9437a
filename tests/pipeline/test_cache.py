from __future__ import annotations

import ast
import multiprocessing
import random
import re
import sqlite3
import sys
from importlib.metadata import packages_distributions

import pytest

from pipeline import cache as module
from pipeline import reading
from pipeline.cache import FILE, Cache, code_key, key_of
from pipeline.find import find_files
from pipeline.read import ReadOptions, read_file
from pipeline.reading import ahead, read_known
from tests.conftest import ROOT

PROSE = "The district pays for a second bus so that pupils from the valley can stay for the robotics club. "


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def numbered(many, size=100):
    def value(i):
        return f"{i} ".encode() + random.Random(i).randbytes(size)  # noqa: S311 - no secrets

    return [(key_of("k", str(i)), value(i)) for i in range(many)]


def test_what_was_put_is_there_for_the_next_run_and_for_nobody_else(folder):
    cache = Cache(folder)
    cache.put("codings", numbered(3))
    cache.close()
    again = Cache(folder)
    assert again.get([k for k, _ in numbered(5)]) == dict(numbered(3))
    assert again.info().entries == {"codings": 3}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    again.clear()
    assert again.get([numbered(1)[0][0]]) == {}
    assert again.remarks == []


def test_a_folder_that_is_shared_stays_so_and_the_file_in_it_is_ones_own(folder):
    folder.mkdir(mode=0o775)
    folder.chmod(0o775)
    cache = Cache(folder)
    cache.put("codings", numbered(3))
    assert folder.stat().st_mode & 0o777 == 0o775
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    cache.close()


def test_code_is_named_by_what_it_says(tmp_path):
    (tmp_path / "a.py").write_text("one = 1")
    (tmp_path / "notes.txt").write_text("no code")
    first = code_key(tmp_path)
    (tmp_path / "notes.txt").write_text("no code either")
    assert code_key(tmp_path) == first
    (tmp_path / "a.py").write_text("one = 2")
    assert code_key(tmp_path) != first
    assert code_key(tmp_path / "a.py") != code_key(tmp_path)


def test_a_cache_without_a_folder_holds_nothing():
    cache = Cache(None)
    cache.put("codings", numbered(3))
    assert cache.get([numbered(1)[0][0]]) == {}
    assert cache.info() == (0, {})
    cache.close()


@pytest.mark.parametrize(
    ("one", "other"), [(("a", "b"), ("ab",)), (("a", "b"), ("b", "a")), (("a", ""), ("a",)), (("a",), ("A",))]
)
def test_keys_keep_their_parts_apart(one, other):
    assert key_of(*one) == key_of(*one)
    assert key_of(*one) != key_of(*other)


def test_what_is_least_used_goes_first(folder, monkeypatch):
    values = numbered(300, 5_000)
    for first in range(0, 300, 100):
        monkeypatch.setattr(module, "_today", lambda day=first: day)
        cache = Cache(folder)
        cache.put("codings", values[first : first + 100])
        if first == 200:
            assert cache.get([k for k, _ in values[:50]]) == dict(values[:50])  # used once more
        cache.close()
    size = _size(folder)
    small = Cache(folder, most=size // 2)
    small.close()
    left = Cache(folder)
    kept = {k for k, _ in values} & left.get([k for k, _ in values]).keys()
    assert left.info().size <= size // 2
    assert (folder / FILE).stat().st_size <= 0.6 * size, "the file itself has become smaller"
    gone = [i for i, (k, _) in enumerate(values) if k not in kept]
    assert set(range(50, 200)) <= set(gone), "used on the first or the second day only"
    assert len(set(range(50)) - set(gone)) > 20, "used on the first day and on the third"
    assert not set(range(200, 300)) & set(gone)


def _size(folder):
    cache = Cache(folder)
    size = cache.info().size
    cache.close()
    return size


def _garbage(folder):
    (folder / FILE).write_bytes(b"this is no database " * 500)


def _cut(folder):
    path = folder / FILE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _middle(folder):
    path = folder / FILE
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(b ^ 0x5A for b in data[4096:])
    path.write_bytes(data)


def _no_table(folder):
    base = sqlite3.connect(folder / FILE)
    base.execute("DROP TABLE entries")
    base.commit()
    base.close()


@pytest.mark.parametrize("harm", [_garbage, _cut, _middle, _no_table])
def test_a_damaged_cache_is_told_of_and_made_anew(folder, harm):
    cache = Cache(folder)
    cache.put("codings", numbered(2_000))
    cache.close()
    harm(folder)
    hurt = Cache(folder)
    for key, value in numbered(2_000):
        assert hurt.get([key]).get(key, value) == value
    hurt.put("codings", numbered(5))
    hurt.close()
    assert [re.sub(".* was", "was", r) for r in hurt.remarks] == ["was damaged and has been made anew"]
    after = Cache(folder)
    after.put("codings", numbered(5))
    assert after.get([k for k, _ in numbered(5)]) == dict(numbered(5))
    assert after.remarks == []


def test_a_damaged_value_is_nothing(folder):
    cache = Cache(folder)
    cache.put("codings", numbered(2))
    cache.close()
    base = sqlite3.connect(folder / FILE)
    base.execute("UPDATE entries SET value = zeroblob(length(value)) WHERE key = ?", (numbered(1)[0][0],))
    base.commit()
    base.close()
    again = Cache(folder)
    assert again.get([k for k, _ in numbered(2)]) == dict(numbered(2)[1:])


def test_a_folder_that_cannot_be_used_is_told_of(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put("codings", numbered(1))
    assert cache.get([numbered(1)[0][0]]) == {}
    assert "cannot be used" in cache.remarks[0]


def _fill(folder, first):
    cache = Cache(folder)
    for i in range(first, first + 200):
        cache.put("codings", [(key_of("k", str(i)), str(i).encode())])
        cache.get([key_of("k", str(j)) for j in range(i)])
    cache.close()
    sys.exit(len(cache.remarks))


def test_two_runs_at_once_keep_what_both_put(folder):
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=_fill, args=(folder, first)) for first in (0, 100)]
    for process in runs:
        process.start()
    for process in runs:
        process.join(120)
    assert [process.exitcode for process in runs] == [0, 0]
    cache = Cache(folder)
    assert len(cache.get([key_of("k", str(i)) for i in range(300)])) == 300


def read(folder, cache, options=None, calls=None):
    def counted(files):
        for found, given in files:
            calls.append(found.display.rsplit("/", 1)[-1])
            yield read_file(found, given)

    calls = [] if calls is None else calls
    found, _ = find_files([folder], folder / "zip")
    files = ((f, options or ReadOptions()) for f in found)
    return list(read_known(files, cache, counted)), calls


def test_only_what_changed_is_read_again_and_the_readings_are_the_same(tmp_path, folder):
    texts = tmp_path / "in"
    texts.mkdir()
    for i in range(20):
        (texts / f"{i:02}.txt").write_text(f"{PROSE * 3}\n\nNumber {i}. {PROSE}", encoding="utf-8")
    (texts / "empty.txt").write_text("", encoding="utf-8")
    (texts / "rows.csv").write_text(f"title,text\nOne,{PROSE}\nTwo,\n", encoding="utf-8")
    fresh, calls = read(texts, Cache(None))
    assert len(calls) == 21
    first, calls = read(texts, Cache(folder))
    assert len(calls) == 21
    assert first == fresh
    again, calls = read(texts, Cache(folder))
    assert calls == [], "the empty one is not among what is found to read"
    assert again == fresh
    (texts / "07.txt").write_text(PROSE * 5, encoding="utf-8")
    changed, calls = read(texts, Cache(folder))
    assert calls == ["07.txt"]
    assert [a == b for a, b in zip(changed, fresh, strict=True)].count(False) == 1
    _, calls = read(texts, Cache(folder), ReadOptions(kind="policy"))
    assert len(calls) == 21, "what was said of them is another"


def test_a_file_saved_while_it_is_read_is_not_kept_for_what_it_was(tmp_path, folder):
    def read_late(files):
        for found, given in files:
            found.path.write_text(f"{PROSE} Saved again.", encoding="utf-8")
            yield read_file(found, given)

    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "a.txt"
    path.write_text(PROSE, encoding="utf-8")
    found, _ = find_files([path], tmp_path)
    (late,) = read_known([(found[0], ReadOptions())], Cache(folder), read_late)
    assert "Saved again" in late.results[0].text
    path.write_text(PROSE, encoding="utf-8")
    (again,), calls = read(tmp_path / "in", Cache(folder))
    assert calls == ["a.txt"]
    assert "Saved again" not in again.results[0].text


def test_another_reader_reads_everything_again(tmp_path, folder, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(PROSE, encoding="utf-8")
    assert read(tmp_path / "in", Cache(folder))[1] == ["a.txt"]
    assert read(tmp_path / "in", Cache(folder))[1] == []
    monkeypatch.setattr(reading, "reader_key", lambda: "another")
    assert read(tmp_path / "in", Cache(folder))[1] == ["a.txt"]


def test_a_file_that_cannot_be_read_is_tried_every_time(tmp_path, folder):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "dashes.md").write_text("---\n\n---\n", encoding="utf-8")
    for _ in range(2):
        (got,), calls = read(tmp_path / "in", Cache(folder))
        assert calls == ["dashes.md"]
        assert "no words" in got.results[0].found


def test_the_readers_key_names_every_library_it_reads_with():
    """What pages are made with and what people's codings are read with reads no documents."""
    apart = ("report", "exports", "reviews")
    ours = {"labels", "pipeline", *sys.stdlib_module_names}
    files = [p for p in (ROOT / "pipeline").rglob("*.py") if p.relative_to(ROOT).parts[1] not in apart]
    imported = {
        name.partition(".")[0]
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    reads_nothing = {"psutil", "xlsxwriter"}  # the one looks at a worker's memory, the other writes
    of = packages_distributions()
    needed = {of[name][0].lower().replace("_", "-") for name in imported - ours - reads_nothing}
    assert needed <= {name.lower() for name in reading.READS_WITH} | {"numpy", "pydantic-core"}


def test_items_come_in_order_and_no_more_than_a_few_ahead():
    made = []

    def items():
        for i in range(100):
            made.append(i)
            yield i

    with ahead(items(), most=5) as taken:
        got = []
        for i in taken:
            got.append(i)
            assert len(made) <= len(got) + 7
    assert got == list(range(100))


def test_what_goes_wrong_ahead_is_raised_where_it_is_taken():
    def items():
        yield 1
        raise ValueError("the second is broken")

    with ahead(items()) as taken:
        assert next(taken) == 1
        with pytest.raises(ValueError, match="the second is broken"):
            next(taken)


def test_whoever_leaves_early_waits_for_nobody():
    with ahead(iter(range(10**9)), most=2) as taken:
        assert next(taken) == 0
