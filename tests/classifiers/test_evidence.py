from __future__ import annotations

import numpy as np
import pytest

from classifiers.evidence import find_evidence
from classifiers.frame_model import load_model

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
