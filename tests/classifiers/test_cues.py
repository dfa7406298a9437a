from __future__ import annotations

import numpy as np
import pytest

from classifiers.cues import CueCounter

PHRASES = ("underrepresented", "fee waiver*", "sense of belonging")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Women are Underrepresented here.", [1, 0, 0]),
        ("Fee waivers, a fee-waiver and one more fee waiver.", [0, 2, 0]),
        ("A sense\nof belonging", [0, 0, 1]),
        ("Represented; fees; belonging.", [0, 0, 0]),
        ("", [0, 0, 0]),
    ],
)
def test_phrases_are_counted_twice_at_most(text, counts):
    assert CueCounter(PHRASES, scale=1.0).compile().transform([text]).tolist() == [counts]


def test_without_phrases_there_are_no_columns():
    assert CueCounter().compile().transform(["a", "b"]).shape == (2, 0)
    assert CueCounter(PHRASES).compile().transform([]).shape == (0, 3)


def test_spans_are_where_the_words_are():
    text = "Many fee waivers and a sense of belonging."
    found = [(PHRASES[n], text[a:b]) for n, a, b in CueCounter(PHRASES).fit([]).spans(text)]
    assert found == [("fee waiver*", "fee waivers"), ("sense of belonging", "sense of belonging")]


def test_the_scale_is_of_one_hit():
    assert np.isclose(CueCounter(PHRASES, scale=0.2).compile().transform(["underrepresented"])[0, 0], 0.2)
