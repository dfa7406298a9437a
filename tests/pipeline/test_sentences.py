from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sentences import sentence_spans


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The board met.", "It agreed!", "Did it?", "Yes."],
        ["Dr. J. Okafor spoke.", "Mr. Lee left at 6 p.m.", "The vote followed."],
        ["See Ed. Code Sec. 44 and Fig. 3.", "No. 7 is next."],
        ["The U.S. Department of Labor paid $3.5 million, e.g. for labs."],
        ["“Why us?” she asked.", "Nobody knew."],
        ["Students in grades K-5 use tools (rulers, scales, etc.) daily.", "Others watch."],
        ["Visit www.example.org for more.", "Then call."],
        ["Work by Ortiz et al. shows gains.", "More follows."],
        ["First line without a stop", "Second line after a break"],
    ],
)
def test_boundaries(sentences):
    joined = "\n".join(sentences) if not sentences[0].endswith((".", "?", "!")) else " ".join(sentences)
    assert split(joined) == sentences


@given(st.text(max_size=300))
def test_spans_are_in_order_and_hold_all_that_is_not_space(text):
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())


@pytest.mark.parametrize("signs", ["[", "[(", "'s", ".", "_", "a.", "x"])
def test_a_word_of_thousands_of_signs_is_no_place_for_a_sentence_to_end(signs):
    text = f"The bus waits. It is {signs * 30_000} and late. Then it goes."
    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "The bus waits.",
        f"It is {signs * 30_000} and late.",
        "Then it goes.",
    ]
