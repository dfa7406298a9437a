from __future__ import annotations

import json

import numpy as np
import pytest

from classifiers.frame_model import Codings
from corpora.corpus import read_corpus
from flows import compare as room
from flows.candidates import CANDIDATES, Texts
from flows.compare import Material, compare, gated, learning_curve, score, with_before
from labels.gold import GoldRow


@pytest.fixture(scope="module")
def material(codebook):
    passages = [p for p in read_corpus(frames=codebook.frame_ids) if p.manner == "plain"][::20]
    gold = [GoldRow(p.id, p.text, p.frames, p.primary, document=p.document) for p in passages[::4]]
    return Material(codebook, passages, (), gold)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


def test_every_candidate_says_what_it_is_and_scores_or_adds_up_others():
    for name, candidate in CANDIDATES.items():
        assert candidate.said, name
        assert (candidate.score is None) == bool(candidate.sum_of), name
        assert all(CANDIDATES[part].score for part in candidate.sum_of), name


def test_cheap_candidates_are_measured_and_written_down(material, kept, tmp_path):
    path = tmp_path / "comparison.json"
    table = compare(material, ["keyword", "words"], path=path)
    assert json.loads(path.read_text(encoding="utf-8")) == table
    assert list(table["shares"]["1.0"]["lines"]) == ["keyword", "words"]
    for line in table["shares"]["1.0"]["lines"].values():
        assert 0 < line["held_out"]["macro_f1"] < 1
        assert line["real"]["interval"][0] <= line["real"]["macro_f1"] + 0.05
    again = compare(material, [], path=path)
    assert again == table, "lines measured on the same material stay"


def test_a_sum_adds_the_logits_of_its_parts_and_nothing_is_trained_twice(material, kept, monkeypatch):
    parts = dict(CANDIDATES)
    parts["both"] = room.Candidate("two", sum_of=("keyword", "words"))
    monkeypatch.setattr(room, "CANDIDATES", parts)
    one, two = score("keyword", material, kept=kept), score("words", material, kept=kept)
    files = sorted(p.stat().st_mtime_ns for p in kept.iterdir())
    both = score("both", material, kept=kept)
    assert np.allclose(both[0], one[0] + two[0])
    assert np.allclose(both[1], one[1] + two[1])
    assert sorted(p.stat().st_mtime_ns for p in kept.iterdir()) == files


def test_the_teacher_is_left_out_where_none_is_named(material, kept, tmp_path):
    table = compare(material, ["teacher"], share=0.5, path=tmp_path / "c.json")
    assert table["shares"]["0.5"]["lines"] == {}
    assert 0.4 < table["shares"]["0.5"]["passages"] / len(material.passages) < 0.6


def test_a_learning_curve_grows_with_the_corpus(material, kept, tmp_path):
    path = tmp_path / "comparison.json"
    compare(material, ["words"], path=path)
    points = learning_curve(material, "words", draws=2, path=path, kept=kept)
    assert [p["share"] for p in points] == [0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]
    assert [abs(p["passages"] - p["share"] * len(material.passages)) < 10 for p in points] == [True] * 7
    assert json.loads(path.read_text(encoding="utf-8"))["learning_curve"]["words"] == points


def test_context_is_the_end_of_the_passage_before_in_the_same_document():
    rows = [
        GoldRow("a", "first words", (), None, document="d", order=0),
        GoldRow("b", "second", (), None, document="d", order=1),
        GoldRow("c", "elsewhere", (), None, document="e", order=1),
        GoldRow("f", "alone", (), None),
    ]
    texts = with_before(rows)
    assert list(texts.before) == ["", "first words", "", ""]
    assert texts.in_context() == ["first words", "second [SEP] first words", "elsewhere", "alone"]
    assert texts.take([1]) == Texts(["second"], ["first words"])


def test_a_gate_codes_nothing_below_and_something_above():
    codings = Codings(
        np.array([[0.6, 0.1], [0.2, 0.3], [0.6, 0.1]]),
        np.array([0.9, 0.8, 0.3]),
        np.array([[True, False], [False, False], [True, False]]),
        np.array([0, -1, 0]),
        np.zeros(3, bool),
    )
    closed = gated(codings, 0.5)
    assert closed.coded.tolist() == [[True, False], [False, True], [False, False]]
    assert closed.primary.tolist() == [0, 1, -1]
