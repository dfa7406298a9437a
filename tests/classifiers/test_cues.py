from __future__ import annotations

import re
import string
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.cues import MOST, CueCounter, lowered
from corpora.corpus import read_corpus
from flows.models import codebook_cues
from labels.keywords import keyword_pattern

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


def counted_plainly(phrases, texts):
    patterns = [keyword_pattern(p) for p in phrases]
    return [[min(MOST, len(p.findall(text))) for p in patterns] for text in texts]


def test_the_short_way_counts_what_the_expressions_count(codebook):
    phrases, texts = codebook_cues(codebook), [p.text for p in read_corpus()][::40]
    found = CueCounter(phrases, scale=1.0).compile().transform(texts)
    assert found.tolist() == counted_plainly(phrases, texts)
    assert found.any()


@given(text=st.text(st.sampled_from("sſKkiİıIéÉ -*\n"), max_size=30))
def test_odd_letters_are_counted_as_the_expressions_count_them(text):
    phrases = ("si", "ki*", "is-i", "*k", "é", "s i", "*")
    assert CueCounter(phrases, scale=1.0).compile().transform([text]).tolist() == counted_plainly(
        phrases, [text]
    )


def test_every_character_that_an_expression_takes_for_an_ascii_letter_is_lowered_to_it():
    everything = [chr(c) for c in range(sys.maxunicode + 1)]
    for letter in string.ascii_lowercase:
        same = re.compile(letter, re.IGNORECASE)
        assert [c for c in everything if same.fullmatch(c) and letter not in lowered(c)] == []


def test_a_lowered_lookalike_is_one_letter():
    assert [lowered(c) for c in "İıſK"] == ["i", "i", "s", "k"]
