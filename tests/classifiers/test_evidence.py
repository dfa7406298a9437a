from __future__ import annotations

import numpy as np
import pytest

from classifiers.evidence import deletion_effect, find_evidence
from classifiers.frame_model import load_model
from corpora.corpus import read_corpus
from pipeline.sentences import sentence_spans

DULL = "The meeting began at seven in the library. "
TELLING = "Black and Latino students are underrepresented in calculus, and the district will close that gap. "


@pytest.fixture(scope="module")
def model():
    return load_model(precision="float32")


@pytest.mark.parametrize("parts", [(TELLING, DULL, DULL), (DULL, TELLING, DULL), (DULL, DULL, TELLING)])
def test_the_evidence_is_the_sentence_that_carries_the_frame(model, parts):
    text = "".join(parts)
    starts = np.cumsum([0, *(len(p) for p in parts)])
    spans = [(int(a), int(a) + len(p.strip())) for a, p in zip(starts, parts, strict=False)]
    gaps = model.frames.index("gaps")
    coded = np.zeros((1, len(model.frames)), bool)
    coded[0, gaps] = True
    (evidence,) = find_evidence(model, [text], coded, [spans])[0]
    assert text[evidence.start : evidence.end] == TELLING.strip()
    assert evidence.words
    assert all(w in TELLING for w in evidence.words)


def test_texts_without_a_frame_have_no_evidence(model):
    assert find_evidence(model, [DULL], np.zeros((1, len(model.frames)), bool), [[(0, 42)]]) == [()]
    assert find_evidence(model, [], np.zeros((0, len(model.frames)), bool), []) == []


def test_without_its_evidence_a_frame_loses_more_than_without_other_words(model):
    several = [(p, sentence_spans(p.text)) for p in read_corpus() if p.frames and p.manner == "plain"]
    chosen = [(p, spans) for p, spans in several if len(spans) >= 3][::20]
    coded = np.array([[f in p.frames for f in model.frames] for p, _ in chosen])
    falls = deletion_effect(model, [p.text for p, _ in chosen], coded, [spans for _, spans in chosen])
    assert falls["n"] > 30
    assert falls["sentence"] > falls["other_sentence"] + 0.1
    assert falls["words"] > falls["other_words"] + 0.05


def test_nothing_to_delete_is_said(model):
    with pytest.raises(ValueError, match="No text has a coded frame"):
        deletion_effect(model, [DULL], np.zeros((1, len(model.frames)), bool), [[(0, 42)]])
