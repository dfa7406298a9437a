"""Sentence boundaries by spaCy, with rules of our own for the trade's abbreviations and lists."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import spacy
from spacy.language import Language

# Abbreviations of school and legal writing that spaCy's English tokenizer parts from their full stop.
_ABBREVIATIONS = frozenset(
    (
        "no nos sec secs art arts ch chs ed eds vol vols fig figs p pp para paras reg regs stat div dept "
        "est approx dist supt asst assoc prof dr mr mrs ms jr sr st mt vs etc al cf inc ltd co corp "
        "gr grs sch univ coll govt admin cert temp max min avg incl excl ext attn "
        "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri"
    ).split()
)
_MARKER = re.compile(r"(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})\.?\)?$")  # "1." "a)" "iv." open a list item
_DOTTED = re.compile(r"(?:[A-Za-z]{1,2}\.){2,}")  # "U.S.", "Ph.D.", "p.m."
_CLOSERS = "\"')]}”’»"


@Language.component("equity_frames_boundaries")
def _boundaries(doc: Any) -> Any:
    """Decide every sentence start: after . ! ? or a line break, unless a rule says it goes on."""
    start_of_sentence = 0
    for i, token in enumerate(doc):
        if i == 0:
            token.is_sent_start = True
            continue
        starts = _starts_sentence(doc, i, start_of_sentence)
        token.is_sent_start = starts
        if starts:
            start_of_sentence = i
    return doc


def _starts_sentence(doc: Any, i: int, start: int) -> bool:
    token, back = doc[i], i - 1
    if token.is_space:
        return False
    if doc[back].is_space and "\n" in doc[back].text:
        return True  # a line break the document kept parts paragraphs, items or rows
    while back > start and (doc[back].is_space or doc[back].text in _CLOSERS):
        back -= 1
    end = doc[back]
    if token.text in _CLOSERS or not end.text.endswith((".", "!", "?", "…")):
        return False
    if not (doc[i - 1].whitespace_ or doc[i - 1].is_space):
        return False  # "3.5", "www.example.org"
    first = token.text[0]
    if first.islower() or token.text in {",", ";", ":", ")"}:
        return False
    if end.text in {"!", "?", "…"}:
        return True
    word = end.text[:-1] if len(end.text) > 1 else doc[back - 1].text if back > start else ""
    if word.lower() in _ABBREVIATIONS:
        # "etc." and "Inc." may end a sentence: believe the capital letter behind them, but for titles and numbers
        return word.lower() in {"etc", "al", "inc", "ltd", "co", "corp"} and first.isupper()
    if _DOTTED.fullmatch(end.text):
        return end.text.lower() in {"a.m.", "p.m."}  # "the U.S. Department" goes on, "6 p.m. The board" ends
    if len(word) == 1 and word.isupper():
        return False  # an initial: "J. Okafor"
    # A marker alone ("1.", "(a)") opens what follows.
    return not (back - start <= 2 and _MARKER.fullmatch(doc[start:back].text.strip("( ") or word))


# spaCy takes signs off a word one by one and looks at the rest each time: 20,000 brackets would take minutes.
# No sentence begins or ends inside a word, so only its ends are looked at.
_LONG_WORD = re.compile(r"(\S{20})(\S{200,})(\S{20})")


@cache
def _splitter() -> Language:
    nlp = spacy.blank("en")
    nlp.max_length = 50_000_000  # only the tokenizer runs: its memory grows gently with the text
    nlp.add_pipe("equity_frames_boundaries")
    return nlp


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the code-point spans of the sentences in ``text``, white space between them left out."""
    spans = []
    short = _LONG_WORD.sub(lambda word: f"{word[1]}{'X' * len(word[2])}{word[3]}", text)
    for sentence in _splitter()(short).sents:
        piece = text[sentence.start_char : sentence.end_char]
        start = sentence.start_char + len(piece) - len(piece.lstrip())
        end = start + len(piece.strip())
        if end > start:
            spans.append((start, end))
    return spans
