from __future__ import annotations

import json

import numpy as np
import pytest

from classifiers.frame_model import load_model
from classifiers.training import Examples, cross_fit
from corpora.corpus import read_corpus
from tests.flows.conftest import run

PER_GENRE = 12


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory, codebook):
    """A dozen passages of each genre, so that a training takes seconds."""
    folder = tmp_path_factory.mktemp("corpus")
    genres: dict[str, list[dict[str, object]]] = {}
    for p in read_corpus(frames=codebook.frame_ids):
        genres.setdefault(p.genre, []).append(
            {"id": p.id, "text": p.text, "frames": p.frames, "primary": p.primary or "none"}
        )
    for genre, rows in genres.items():
        lines = (json.dumps(row) for row in rows[:: max(1, len(rows) // PER_GENRE)])
        (folder / f"{genre}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(small_corpus, tmp_path_factory):
    """A model trained by the command."""
    ran = train(small_corpus, tmp_path_factory.mktemp("trained") / "mine")
    assert ran.code == 0, ran.errors
    return ran


def train(corpus, out):
    return run("train", "--corpus", corpus, "--recipe", "frozen", "--quiet", out=out)


def test_train_writes_a_model_that_codes_and_says_how_it_did(small_corpus, trained, codebook):
    assert "of genres held out of training" in trained.said
    model = load_model(trained.out)
    assert model.frames == codebook.frame_ids
    assert model.card["trained_on"]["passages"] == sum(
        len(p.read_text(encoding="utf-8").splitlines()) for p in small_corpus.iterdir()
    )
    assert 0 < model.card["held_out"]["macro_f1"] < 1
    coded = run(
        "classify",
        "--model",
        trained.out,
        given='{"id": "a", "text": "The board adjourned at nine."}\n',
    )
    assert json.loads(coded.said)["primary"] == "none"


def test_training_twice_with_one_seed_gives_the_same_head(small_corpus, trained, tmp_path):
    again = train(small_corpus, tmp_path / "again")
    assert again.code == 0, again.errors
    weights = [load_model(ran.out).head.weight for ran in (trained, again)]
    assert np.allclose(*weights, atol=1e-6)


def test_a_group_is_never_scored_by_an_estimator_that_saw_it():
    class Memory:
        def __init__(self) -> None:
            self.seen: set[str] = set()

        def fit(self, texts, y, sample_weight):
            self.seen = set(texts)

        def decision_function(self, texts):
            assert not self.seen & set(texts)
            return np.ones((len(texts), 3))

    texts = [f"text {i}" for i in range(40)]
    examples = Examples.equal(texts, np.ones((40, 2), bool), [str(i % 5) for i in range(40)])
    assert (cross_fit(examples, lambda stage: Memory(), folds=4) == 1).all()
