"""A disk that is full, or may not be written to: said in plain words, with nothing left half written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from xlsxwriter.exceptions import FileCreateError

from flows.disk import disk_fault
from pipeline.write import write_json, write_text
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "x"), "the disk is full, or you have used up your share of it"),
        (OSError(errno.EDQUOT, "x"), "the disk is full, or you have used up your share of it"),
        (OSError(errno.EROFS, "x", "a.csv"), "a.csv: it may not be written to"),
        (OSError(errno.EIO, "x"), "the disk reports that it is faulty"),
        (ValueError("x"), None),
        (FileNotFoundError(errno.ENOENT, "x"), None),
        (KeyError("x"), None),
    ],
)
def test_what_the_disk_refuses_is_known_from_other_errors(error, said):
    assert disk_fault(error) == said


def test_what_a_library_made_of_it_is_seen_through():
    made_of_it = FileCreateError("x")
    made_of_it.__context__ = OSError(errno.ENOSPC, "No space left on device")
    assert "the disk is full" in str(disk_fault(made_of_it))


def test_what_the_store_says_of_a_full_disk_is_known(tmp_path):
    database = sqlite3.connect(tmp_path / "store")
    database.execute("create table t (x)")
    database.execute("pragma max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as raised:
        database.execute("insert into t values (?)", ("x" * 100_000,))
    assert disk_fault(raised.value) == "the disk is full, or you have used up your share of it"
    with pytest.raises(sqlite3.OperationalError) as other:
        database.execute("select * from nothing")
    assert disk_fault(other.value) is None


def test_a_file_that_cannot_be_written_is_as_it_was(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write_text("the one before", tmp_path / "a.txt")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_text("the one after", tmp_path / "a.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "the one before"


SMALL_DISK = """
set -e
mount -t tmpfs -o size={size}k none {out}
{python} -m flows.cli profile {given} --quiet --out {out}/run || echo "left with $?"
find {out} -name '*.part'
ls -A {out}/run
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no way to make a small disk")
def test_a_run_on_a_full_disk_says_so(tmp_path):
    (tmp_path / "a.txt").write_text("The district pays for a second bus for pupils from the valley. " * 3)
    (tmp_path / "disk").mkdir()
    words = SMALL_DISK.format(size=64, out=tmp_path / "disk", python=sys.executable, given=tmp_path / "a.txt")
    done = subprocess.run(  # noqa: S603 - our own words
        ["unshare", "-rm", "sh", "-c", words],  # noqa: S607 - wherever the system has it
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=540,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert "left with 4" in done.stdout
    assert ".part" not in done.stdout
    assert "run.json" not in done.stdout
    assert "the disk is full" in done.stderr
    assert str(tmp_path / "disk" / "run") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_is_whole_or_not_there(tmp_path):
    write_json({"a": 1}, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}
    with pytest.raises(ValueError, match="Unable to serialize"):
        write_json({"a": object()}, tmp_path / "a.json")
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}
