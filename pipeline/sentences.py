"""Sentence boundaries by spaCy, with rules of our own for the trade's abbreviations and lists."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import spacy
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

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
_ENDS = (".", "!", "?", "…")


def _sentence_starts(doc: Doc) -> list[int]:
    """Number the tokens that begin a sentence: after . ! ? or a line break, unless a rule says it goes on."""
    starts: list[int] = []
    may_start = (
        True  # only behind what may end a sentence; asked of every token, the rules take ten times as long
    )
    for i, token in enumerate(doc):
        text = token.text
        if not i or (may_start and _starts_sentence(doc, i, starts[-1])):
            starts.append(i)
        may_start = text.endswith(_ENDS) or (may_start and text in _CLOSERS) or text.isspace()
    return starts


def _starts_sentence(doc: Doc, i: int, start: int) -> bool:
    token, back = doc[i], i - 1
    if token.is_space:
        return False
    if doc[back].is_space and "\n" in doc[back].text:
        return True  # a line break the document kept parts paragraphs, items or rows
    while back > start and (doc[back].is_space or doc[back].text in _CLOSERS):
        back -= 1
    end = doc[back]
    if token.text in _CLOSERS or not end.text.endswith(_ENDS):
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
def _tokenizer() -> Tokenizer:
    return spacy.blank("en").tokenizer


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the code-point spans of the sentences in ``text``, white space between them left out."""
    spans = []
    short = _LONG_WORD.sub(lambda word: f"{word[1]}{'X' * len(word[2])}{word[3]}", text)
    doc = _tokenizer()(short)
    starts = [doc[i].idx for i in _sentence_starts(doc)]
    for begin, stop in pairwise([*starts, len(text)]):
        piece = text[begin:stop]
        start = begin + len(piece) - len(piece.lstrip())
        end = start + len(piece.strip())
        if end > start:
            spans.append((start, end))
    return spans
