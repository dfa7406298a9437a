"""Repairs to text as a PDF stores it: ligatures, symbol fonts, line-break hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

BREAK_HYPHEN = "\ufffe"
"""Stands for a hyphen at a line's end, as pdfium marks it."""
UNREADABLE = "\ufffd"
"""Stands for a glyph whose font says of no letter what it is."""

_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# Symbol and Wingdings keep their bullets in the private use area; the rest of it is unknowable.
_SYMBOLS = {
    **dict.fromkeys((0xF0A7, 0xF0B7, 0xF06C, 0xF06E, 0xF09F, 0xF076, 0xF0D8, 0xF0E0, 0xF071, 0xF0A8), "•"),
    **dict.fromkeys((0xF0FC, 0xF0FE, 0xF0FB), "✓"),
    0xF02D: "-",
    0xF0D2: "®",
    0xF0E4: "™",
}
_PREFIXES = frozenset(
    {"self", "well", "non", "long", "short", "high", "low", "cross", "full", "part", "one", "two"}
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*(?:-[^\W\d_]+)*")


@lru_cache(4096)
def clean_character(code: int) -> str:
    """Turn one code of pdfium's into text: ligatures apart, soft hyphens gone, unknown glyphs marked."""
    if code in (0x02, 0xFFFE):
        return BREAK_HYPHEN
    if code in _LIGATURES:
        return _LIGATURES[code]
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    if code in (0x20, 0x09, 0xA0, 0x2007, 0x202F, 0x3000) or 0x2000 <= code <= 0x200A:
        return " "
    if code in (0xAD, 0xFEFF) or 0x200B <= code <= 0x200F:
        return ""
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xE000 <= code <= 0xF8FF or 0xD800 <= code <= 0xDFFF:
        return UNREADABLE
    return chr(code) if code <= 0x10FFFF else UNREADABLE


class Vocabulary:
    """The words of one document, which decide whether a hyphen at a line's end is part of the word."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.words: Counter[str] = Counter()
        for line in lines:
            found = [word.lower() for word in _WORD.findall(line)]
            # The last word of a broken line and the first of the next are halves: not evidence.
            self.words.update(found[:-1] if line.endswith((BREAK_HYPHEN, "-")) else found)

    def rejoin(self, left: str, right: str) -> str:
        """Join two halves of a word that a line break parted; ``left`` comes without its hyphen.

        The document's own use decides first (``long-term`` or ``longterm`` elsewhere); then a prefix
        that takes a hyphen (self-, well-); then two halves that are both words here (``school-based``).
        """
        first, rest = _WORD.findall(left.lower())[-1:], _WORD.findall(right.lower())[:1]
        if not first or not rest:
            return f"{left}-{right}"
        whole, hyphened = first[0] + rest[0], f"{first[0]}-{rest[0]}"
        if self.words[whole] and self.words[whole] >= self.words[hyphened]:
            return left + right
        if self.words[hyphened] or "-" in first[0] or first[0] in _PREFIXES or right[:1].isupper():
            return f"{left}-{right}"
        if len(first[0]) >= 4 and len(rest[0]) >= 4 and self.words[first[0]] and self.words[rest[0]]:
            return f"{left}-{right}"
        return left + right

    def join(self, text: str, line: str) -> str:
        """Put a line behind the text so far, with a space or with the parted word made whole."""
        if not text or not line:
            return text or line
        if text.endswith(BREAK_HYPHEN):
            return self.rejoin(text[:-1], line)
        if text.endswith("-") and len(text) > 1:
            if text[-2].isalpha() and line[:1].islower():
                return self.rejoin(text[:-1], line)
            if text[-2].isalnum() and line[:1].isalnum():
                return text + line  # 2025-/26, K-/12, Diaz-/Soto
        if text.endswith(("/", "—")) and text[-2:-1].strip() and line[:1].isalnum():
            return text + line  # and/or, web addresses
        return f"{text} {line}"


def finish(text: str) -> str:
    """Leave no mark of ours behind: a break hyphen that found no second half is a hyphen."""
    return re.sub(r"[ \t]+", " ", text.replace(BREAK_HYPHEN, "-")).strip()
