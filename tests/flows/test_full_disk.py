"""A disk that is full, or may not be written to: said in plain words, with nothing left half written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys

import pytest
from xlsxwriter.exceptions import FileCreateError

from flows.disk import NotWrittenError, writing
from pipeline.write import write_json, write_text
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "used up your share"),
        (errno.EROFS, "may not be written to"),
        (errno.EIO, "faulty"),
    ],
)
def test_what_the_disk_refuses_is_said_and_nothing_is_left(tmp_path, monkeypatch, number, said):
    def refuse(_):
        raise OSError(number, os.strerror(number))

    write_text("the one before", tmp_path / "a.txt")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(NotWrittenError, match=said) as raised, writing(tmp_path):
        write_text("the one after", tmp_path / "a.txt")
    assert str(tmp_path) in str(raised.value)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "the one before"


def test_what_a_library_made_of_it_is_seen_through(tmp_path):
    def refuse():
        raise OSError(errno.ENOSPC, "No space left on device")

    def write():
        try:
            refuse()
        except OSError as error:
            raise FileCreateError(error) from None

    with pytest.raises(NotWrittenError, match="the disk is full"), writing(tmp_path):
        write()


@pytest.mark.parametrize("error", [ValueError("x"), FileNotFoundError(errno.ENOENT, "x"), KeyError("x")])
def test_other_errors_stay_what_they_are(tmp_path, error):
    with pytest.raises(type(error), match="x"), writing(tmp_path):
        raise error


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
    with pytest.raises(TypeError, match="not JSON serializable"):
        write_json({"a": object()}, tmp_path / "a.json")
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}
