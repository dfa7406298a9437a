"""The word error rate: how many words of a reading must be changed, put in or left out to give the original."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

_WORD = re.compile(r"\w+(?:['\u2019.,-]\w+)*")


def words_of(texts: Iterable[str]) -> list[str]:
    """Take the words of texts in order, in lower case and without the punctuation around them."""
    return [word.replace("\u2019", "'") for text in texts for word in _WORD.findall(text.lower())]


def word_error_rate(original: list[str], read: list[str]) -> float:
    """Levenshtein's distance over words, as a share of the original's words (0 is the same text)."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys([*original, *read]))}
    row = np.arange(len(read) + 1)
    places, codes = np.arange(len(read) + 1), np.array([numbers[word] for word in read], int)
    for word in original:
        changed = row[:-1] + (codes != numbers[word])
        best = np.minimum(row + 1, np.concatenate(([row[0] + 1], changed)))
        row = np.minimum.accumulate(best - places) + places  # words put in, from the left
    return float(row[-1]) / max(len(original), 1)
