from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import WorkerError
from pipeline.processes import in_a_process, in_a_thread

BOTH = pytest.mark.parametrize("meanwhile", [in_a_thread, in_a_process])


@BOTH
def test_a_call_is_made_while_the_block_runs(tmp_path, meanwhile):
    with meanwhile(os.mkdir, tmp_path / "made"):
        (tmp_path / "too").mkdir()
    assert {p.name for p in tmp_path.iterdir()} == {"made", "too"}


@BOTH
def test_what_the_call_raises_is_raised(tmp_path, meanwhile):
    with pytest.raises(FileExistsError) as raised, meanwhile(os.mkdir, tmp_path):
        pass
    assert Path(raised.value.filename) == tmp_path


@BOTH
def test_what_the_block_raises_is_raised_when_the_call_is_done(tmp_path, meanwhile):
    with pytest.raises(ZeroDivisionError), meanwhile(os.mkdir, tmp_path / "made"):
        raise ZeroDivisionError
    assert (tmp_path / "made").is_dir()


def test_a_process_that_dies_is_said():
    with pytest.raises(WorkerError, match=r"ended early \(exit code 7\)"), in_a_process(os._exit, 7):
        pass
