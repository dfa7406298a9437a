from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from classifiers.frame_model import DEFAULT_MODEL, MODELS, load_model
from classifiers.metrics import Coded
from corpora.corpus import read_corpus
from flows.compare import read_material
from flows.model_card import CARD, PICTURES, held_out, part_lines
from flows.train import COMPARISON, HELD_OUT, as_examples, how_it_did
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def model():
    return load_model()


def test_the_card_is_of_the_model_that_ships(model):
    card = CARD.read_text(encoding="utf-8")
    assert f"Model `{model.hash[:12]}`" in card, "write it again: make model-card"
    pictures = re.findall(r"\]\(\.\./docs/images/([^)]+)\)", card)
    assert set(pictures) >= {"reliability.png", "risk-coverage.png", "learning-curve.png"}
    assert all((PICTURES / name).stat().st_size > 5000 for name in pictures)


def test_the_card_shows_every_line_of_the_comparison():
    card = CARD.read_text(encoding="utf-8")
    table = json.loads(COMPARISON.read_text(encoding="utf-8"))
    assert set(table["shares"]) == {"1.0", "0.5"}
    for name, line in [x for part in table["shares"].values() for x in part["lines"].items()]:
        assert f"| **{name}**: {line['said']} | {line['held_out']['macro_f1']:.3f} |" in card


def test_the_card_says_frame_by_frame_what_the_first_stage_passes_over(model, codebook):
    card = CARD.read_text(encoding="utf-8")
    first = model.card["first_stage"]
    for frame in codebook.frames:
        line = next(x for x in card.splitlines() if x.startswith(f"| {frame.name} | ") and " of " in x)
        for where in ("corpus", "real"):
            lost = first[where]["coded_by_readers"]["per_frame"][frame.id]
            assert f"{lost['passed_over']} of {lost['of']:,} (" in line


def test_the_model_and_the_comparison_are_of_this_corpus(model, codebook, real):
    examples = as_examples(read_corpus(frames=codebook.frame_ids), codebook)
    assert model.card["trained_on"]["fingerprint"] == examples.fingerprint
    material = read_material(real / "passages.jsonl", codebook)
    assert json.loads(COMPARISON.read_text(encoding="utf-8"))["fingerprint"] == material.fingerprint


def test_held_out_codings_are_read_back_as_they_were_measured(model, codebook):
    measured = held_out(model, read_corpus(frames=codebook.frame_ids), codebook)
    table = pd.read_csv(MODELS / DEFAULT_MODEL / HELD_OUT)
    assert len(measured.kinds) == len(table) == model.card["held_out"]["n"]
    both = (measured.coded.gold & measured.coded.coded).sum(0)
    f1 = 2 * both / (measured.coded.gold.sum(0) + measured.coded.coded.sum(0))
    assert f1.mean() == pytest.approx(model.card["held_out"]["macro_f1"], abs=1e-6)


def test_parts_with_few_passages_get_no_line():
    rng = np.random.default_rng(0)
    gold = rng.random((130, 2)) < 0.4
    coded = Coded.of_sets(gold, gold, gold.astype(float), range(130))
    measured = type("M", (), {"coded": coded})
    lines = part_lines(measured, ["often"] * 100 + ["rarely"] * 30)
    assert [line["name"] for line in lines] == ["often"]
    assert lines[0]["macro_f1"][0] == 1


def test_the_readme_names_the_card():
    assert "classifiers/MODEL_CARD.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_training_ends_with_the_table_of_kinds(model):
    lines = how_it_did(model, kinds=True)
    assert any(line.startswith("  macro-F1 ") for line in lines)
    for part in json.loads(COMPARISON.read_text(encoding="utf-8"))["shares"].values():
        for name, line in part["lines"].items():
            assert any(x.endswith(f"   {name}") and f"{line['real']['macro_f1']:.3f}" in x for x in lines)
    assert len(how_it_did(model, kinds=False)) == len(model.frames) + 2
