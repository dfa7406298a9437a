from __future__ import annotations

import json

import pytest

from flows.models import FAST, check_model, model_for
from flows.settings import UsageError
from tests.flows.conftest import run

LINES = [
    {"id": "dull", "text": "The minutes of the meeting of June 8 were approved."},
    {"id": "telling", "text": "Girls are underrepresented in physics, and we will close that gap."},
]


def test_fast_is_the_shipped_model_with_a_note_on_what_it_misses(codebook):
    model, (note,) = model_for(codebook, FAST)
    assert model.name == FAST
    assert model.first_stage is not None
    assert "were not read further" in note
    assert "with a frame were missed so" in note
    assert model_for(codebook, None)[0].first_stage is None


def test_a_model_of_ones_own_without_a_first_stage_cannot_be_fast(codebook, tmp_path):
    with pytest.raises(UsageError, match=r"none: no model was found"):
        check_model(codebook, f"{tmp_path / 'none'}:{FAST}")


def test_the_commands_take_the_fast_model(tmp_path):
    ran = run("classify", "--model", FAST, given="\n".join(map(json.dumps, LINES)))
    said = [json.loads(line) for line in ran.said.splitlines()]
    assert [line["primary"] for line in said] == ["none", "gaps"]
    (tmp_path / "notes.txt").write_text("\n\n".join(line["text"] for line in LINES), encoding="utf-8")
    ran = run("profile", tmp_path / "notes.txt", "--model", FAST, out=tmp_path / "out")
    assert ran.code == 0, ran.errors
    about = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert about["model"]["first_stage"]["most_missed"] == 0.02
    assert about["model"]["backend"]
    assert any("were not read further" in note for note in about["notes"])
