from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from classifiers.cues import CueCounter
from classifiers.first_stage import FirstStage
from classifiers.frame_model import MODELS, ModelError, load_model, save_first_stage, save_model
from classifiers.passing import MOST_MISSED, learn_first_stage, missed, pass_below
from classifiers.terms import TermWeights
from classifiers.training import Examples
from corpora.corpus import read_corpus

DULL = ["The minutes of the meeting of June 8 were approved.", "Vendor payments: paper, toner, gravel."]
TELLING = ["Girls are underrepresented in physics, and the district will close that gap.", "Fees are waived."]


@pytest.fixture(scope="module")
def fast():
    return load_model(fast=True)


@pytest.fixture(scope="module")
def slow():
    return load_model()


@pytest.fixture(scope="module")
def passages():
    return [p.text for p in read_corpus() if p.manner == "plain"][::60] + DULL


def test_what_is_read_is_coded_as_without_the_first_stage(fast, slow, passages):
    read = fast.read_by_encoder(passages)
    assert 0 < read.sum() < len(passages)
    mine, whole = fast.code(passages), slow.code(passages)
    for name in ("probabilities", "any_frame", "coded", "primary", "familiar"):
        assert np.array_equal(getattr(mine, name)[read], getattr(whole, name)[read]), name
    assert slow.read_by_encoder(passages).all()


def test_what_is_passed_over_has_small_probabilities_and_no_frame(fast, passages):
    read, codings = fast.read_by_encoder(passages), fast.code(passages)
    assert not codings.coded[~read].any()
    assert not codings.needs_review[~read].any()
    assert np.isnan(codings.familiar[~read]).all()
    assert (codings.any_frame[~read] > 0).all()
    assert (codings.any_frame[~read] < fast.first_stage.pass_below).all()
    assert (codings.probabilities[~read] <= codings.any_frame[~read, None]).all()


def test_a_fast_coding_is_the_same_to_the_bit_in_any_company(fast, passages):
    together = fast.code(passages)
    rng = np.random.default_rng(3)
    for size in (1, 2, 40):
        some = rng.permutation(len(passages))[:size]
        again = fast.code([passages[i] for i in some])
        assert np.array_equal(again.probabilities, together.probabilities[some])
        assert np.array_equal(again.familiar, together.familiar[some], equal_nan=True)


def test_telling_words_are_read_and_dull_ones_are_not(fast):
    assert fast.read_by_encoder([*TELLING, *DULL]).tolist() == [True, True, False, False]


def test_the_shipped_first_stage_misses_at_most_two_in_a_hundred_of_every_frame(fast):
    about = fast.card["first_stage"]
    assert about["pass_below"] == fast.first_stage.pass_below
    for part in ("corpus", "real"):
        for said in about[part].values():
            every = [said["framed"], *said["per_frame"].values()]
            assert len(every) == 6
            assert all(one["share"] <= MOST_MISSED for one in every)
            assert said["passages"]["passed_over"] > 0


def test_no_real_passage_with_a_frame_is_passed_over_more_often_than_said(fast, real):
    rows = [json.loads(line) for line in (real / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    framed = [row["text"] for row in rows if row["frames"]]
    assert (~fast.read_by_encoder(framed)).mean() <= MOST_MISSED


def test_the_packets_framed_passages_are_found_and_half_of_it_is_passed_over(fast, slow, real):
    text = (real / "documents" / "district_board_packet_2021.md").read_text(encoding="utf-8")
    paragraphs = [p for p in text.split("\n\n") if len(p.split()) >= 15]
    read = fast.read_by_encoder(paragraphs)
    assert read.mean() < 0.6
    some = [paragraphs[i] for i in np.flatnonzero(~read)[::4].tolist()]
    assert slow.code(some).coded.any(1).mean() <= 0.005


def test_the_key_and_hash_tell_fast_codings_from_others(fast, slow):
    assert fast.hash != slow.hash
    assert fast.key != slow.key
    assert fast.encoder_key == slow.encoder_key, "what one has encoded the other can take"
    assert slow.about["first_stage"] is None
    assert fast.about["first_stage"]["most_missed"] == MOST_MISSED


@pytest.mark.parametrize(
    ("sure", "labels", "below"),
    [
        (np.linspace(0, 1, 101), np.ones((101, 1), bool), 0.02),  # two of 101 may fall under it
        (np.linspace(0, 1, 40), np.ones((40, 1), bool), 0.0),  # none of 40 may
        (np.array([0.1, 0.2, 0.9]), np.array([[0, 0], [1, 0], [0, 1]], bool), 0.2),
        (np.array([0.1, 0.2]), np.zeros((2, 3), bool), 0.0),
    ],
)
def test_the_threshold_is_as_high_as_the_misses_allow(sure, labels, below):
    assert pass_below(sure, labels) == pytest.approx(below)


def test_misses_are_counted_frame_by_frame():
    said = missed(np.array([1, 1, 0, 0], bool), np.array([[1, 0], [0, 0], [1, 0], [0, 0]], bool), ["a", "b"])
    assert said["passages"] == {"passed_over": 2, "of": 4, "share": 0.5}
    assert said["framed"] == {"passed_over": 1, "of": 2, "share": 0.5}
    assert said["per_frame"]["b"] == {"passed_over": 0, "of": 0, "share": 0.0}


def test_a_first_stage_is_learnt_saved_and_read_back(tmp_path):
    texts = [*TELLING, *DULL] * 30
    labels = np.array([[1, 0], [0, 1], [0, 0], [0, 0]] * 30, bool)
    examples = Examples.equal(texts, labels, [str(i // 4 % 3) for i in range(len(texts))])
    cues, terms = CueCounter(("underrepresented",)).compile(), TermWeights(most=50).fit(texts)
    learnt = learn_first_stage(examples, cues, terms)
    assert learnt.passed.tolist() == [False, False, True, True] * 30
    learnt.stage.save(tmp_path / "stage.safetensors")
    again = FirstStage.load(tmp_path / "stage.safetensors")
    words = csr_matrix(np.eye(1, learnt.stage.weight.shape[1]))
    assert np.array_equal(again.probabilities(words), learnt.stage.probabilities(words))
    assert again.pass_below == learnt.stage.pass_below


def test_a_model_saved_anew_loses_the_first_stage_it_had(slow, tmp_path):
    folder = tmp_path / "mine"
    save_model(slow, folder)
    with pytest.raises(ModelError, match="mine: this model has no first stage"):
        load_model(folder, fast=True)
    first, before = load_model(fast=True).first_stage, load_model(folder).hash
    save_first_stage(first, {"most_missed": MOST_MISSED}, folder)
    assert load_model(folder, fast=True).first_stage.pass_below == first.pass_below
    assert load_model(folder).hash == before
    save_model(slow, folder)
    assert "first_stage" not in json.loads((folder / "model.json").read_text(encoding="utf-8"))


def test_a_changed_first_stage_is_noticed_by_those_who_use_it(tmp_path):
    folder = Path(shutil.copytree(MODELS / "default", tmp_path / "model"))
    path = folder / "first_stage.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    load_model(folder)
    with pytest.raises(ModelError, match=r"first_stage\.safetensors: the file is not the one"):
        load_model(folder, fast=True)
