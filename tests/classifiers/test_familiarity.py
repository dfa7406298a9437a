from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers.familiarity import Familiarity, learn_familiarity
from classifiers.frame_model import load_model
from corpora.corpus import read_corpus

ELSEWHERE = json.loads((Path(__file__).parent / "data" / "elsewhere.json").read_text(encoding="utf-8"))
# Read like statutes and budgets, which are among the training genres: not told apart.
ALIKE = {"lease", "share prospectus"}


@pytest.fixture(scope="module")
def model():
    return load_model(precision="float32")


def around(direction: int, n: int, rng: np.random.Generator) -> np.ndarray:
    vectors = rng.normal(0, 0.15, (n, 8))
    vectors[:, direction] += 1
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_what_was_seen_is_familiar_and_what_lies_elsewhere_is_not():
    rng = np.random.default_rng(0)
    seen = np.vstack([around(0, 60, rng), around(1, 60, rng)])
    documents = [f"d{i // 5}" for i in range(120)]
    groups = ["one" if i % 10 < 5 else "two" for i in range(120)]  # both groups hold both directions
    learnt = learn_familiarity(seen, documents, groups)
    assert learnt.of(around(0, 10, rng)).mean() > learnt.floor
    assert learnt.of(around(5, 10, rng)).mean() < learnt.floor
    assert learnt.of(np.zeros((0, 8), np.float32)).shape == (0,)


def test_a_corpus_of_one_genre_warns_of_nothing():
    vectors = around(0, 30, np.random.default_rng(0))
    assert learn_familiarity(vectors, ["d"] * 30, ["only"] * 30).floor == -1


def test_the_nearest_centre_counts():
    centres = np.eye(3, dtype=np.float32)
    assert Familiarity(centres, 0.5).of(np.array([[0, 0.6, 0.8]], np.float32)).tolist() == pytest.approx(
        [0.8]
    )


@pytest.mark.parametrize("name", sorted(set(ELSEWHERE) - ALIKE))
def test_documents_of_other_fields_are_unfamiliar_to_the_shipped_model(model, name):
    assert model.code(ELSEWHERE[name]).familiar.mean() < model.familiarity.floor


def test_few_of_the_corpus_own_documents_are(model):
    passages = [p for p in read_corpus() if p.manner == "plain"][::10]
    near = model.code([p.text for p in passages]).familiar
    documents = np.array([p.document for p in passages])
    means = [near[documents == d].mean() for d in set(documents) if (documents == d).sum() >= 2]
    assert np.mean(np.array(means) < model.familiarity.floor) < 0.03
