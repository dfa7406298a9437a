from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Evidence, Passage
from pipeline.report.text import marked_sentence, place_words, shown, underlined, word_spans

NUMBERS = {"a": 1, "b": 2}
TEXT = "One <b>bold</b> word & another. The second sentence stands alone."


def evidence(frame, sentence, *words, text=TEXT):
    start = text.index(sentence)
    return Evidence(frame, start, start + len(sentence), sentence, words)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("line\none\ttab", "line\none\ttab"),
        ("bell\x07 and \x85next", "bell and next"),
        ("नमस्\u200dते می\u200cخواهم", "नमस्\u200dते می\u200cخواهم"),  # joiners that scripts need
        ("שלום", "שלום"),
    ],
)
def test_only_what_cannot_be_seen_or_turns_its_surroundings_goes(text, seen):
    assert shown(text) == seen


def test_evidence_is_underlined_and_its_words_marked():
    html = underlined(TEXT, [evidence("a", "The second sentence stands alone.", "second")], NUMBERS)
    assert html == (
        "One &lt;b&gt;bold&lt;/b&gt; word &amp; another. "
        '<u class="e1">The <mark>second</mark> sentence stands alone.</u>'
    )


def test_a_sentence_of_two_frames_is_underlined_once_for_both():
    both = [evidence("a", TEXT), evidence("b", "The second sentence stands alone.", "alone")]
    html = underlined(TEXT, both, NUMBERS)
    assert re.findall(r'<u class="([^"]+)">', html) == ["e1", "e1 e2"]
    assert html.count("</u>") == 2


def test_evidence_that_lies_outside_the_text_is_left_out():
    assert underlined("Short.", [Evidence("a", 0, 99, "Short.", ())], NUMBERS) == "Short."


spans = st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 30))


@given(st.text(st.sampled_from("ab <&>\n\u202e"), max_size=30), st.lists(spans, max_size=4))
def test_whatever_is_underlined_the_words_stay(text, where):
    found = [Evidence(f, min(a, b), max(a, b), text[min(a, b) : max(a, b)], ("a", "ab")) for f, a, b in where]
    html = underlined(text, found, NUMBERS)
    bare = unescape(re.sub(r"</?(?:u|mark)[^>]*>", "", html))
    assert re.sub(r"\s+", " ", bare) == re.sub(r"\s+", " ", shown(text))
    assert html.count("<u ") == html.count("</u>")


def test_words_are_found_whole():
    assert word_spans("unequal but equal", ["equal"]) == [(12, 17)]
    assert word_spans("equality", ["equal"]) == []
    assert word_spans("x", [""]) == []


def test_a_quote_marks_its_words_and_escapes_the_rest():
    html = marked_sentence(Evidence("a", 0, 9, "<i>fees</i>", ("fees",)))
    assert html == "&lt;i&gt;<mark>fees</mark>&lt;/i&gt;"


@pytest.mark.parametrize(
    ("path", "pages", "words"),
    [
        (("Title", "Part"), (3,), "page 3 · Part"),
        (("Other", "Part"), (3, 4), "pages 3–4 · Other › Part"),
        (("Title",), (), "passage 5"),
    ],
)
def test_a_place_names_pages_and_the_headings_below_the_title(path, pages, words):
    assert place_words(Passage("i", "d", 4, 0, 1, "x", path, pages, 1), "Title") == words
