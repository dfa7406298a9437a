"""Lines of plain text: where they stand, what they begin with, and what they look like."""

from __future__ import annotations

import re
from dataclasses import dataclass

BULLETS = "•●▪◦○■□▫➢➤►▶❖✓✔✗☐☑☒‣\u2043∙\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf02d·"
_BULLET = re.compile(rf"\s*(?:[{BULLETS}]|o(?=\s+[A-Z(“])|[-\u2013—*+](?=\s))[\s\x00]*")
_NUMBER = re.compile(
    r"\s*(?:\d{1,3}[.)]|\(\d{1,2}\)|\(?[A-Za-z][.)]|\(?[ivx]{2,5}[.)]|\(?[IVX]{2,5}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)"
    r"[\s\x00]+(?=\S)"
)
_SENTENCE_END = re.compile(r"[.!?:;][\"'”\u2019)\]]*$")
_FORM_BLANK = re.compile(r"_{3,}|_ _(?: _)*")
_RULE = re.compile(r"\s*(?:[-=_*~#.·•—\u2013\s]{4,}|[|+\-=:\s]{5,})$")
_LINKED = re.compile(
    r"!?\[([^\[\]\n]{1,300})\]\((?:#|/|https?:|mailto:|www\.)[^()\s]{0,500}\)|!?\[([^\[\]\n]{1,300})\]\(#\)"
)
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,400}?)(?<=\S)\1")
_ITALIC = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^*_\n]{1,300}?)(?<=[^\s*_])\1(?![\w*])")
_SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "de",
        "del",
        "for",
        "from",
        "in",
        "into",
        "la",
        "los",
        "of",
        "on",
        "or",
        "per",
        "the",
        "to",
        "vs",
        "via",
        "with",
        "y",
        "&",
    ]
)
_HEADING_WORDS = 14
_HEADING_CHARACTERS = 110


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its indentation, and the page it stands on (0: the text has no pages)."""

    text: str
    page: int = 0

    @property
    def words(self) -> str:
        """The line without the spaces around it."""
        return self.text.strip()

    @property
    def indent(self) -> int:
        """How many spaces the line begins with."""
        return len(self.text) - len(self.text.lstrip())


@dataclass(frozen=True, slots=True)
class Marker:
    """What a list item begins with: a bullet or a number, where it stands, and where its text begins."""

    bullet: bool
    indent: int
    text_at: int


def marker(text: str) -> Marker | None:
    """Give the bullet or number that ``text`` begins with, if it begins a list item."""
    indent = len(text) - len(text.lstrip())
    if (found := _BULLET.match(text)) is not None and found.end() < len(text):
        return Marker(True, indent, found.end())
    if (found := _NUMBER.match(text)) is not None:
        return Marker(False, indent, found.end())
    return None


def is_finished(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _SENTENCE_END.search(text.rstrip()) is not None


def is_rule(text: str) -> bool:
    """Whether a line is drawn and not written: dashes, underscores, the rule under a table's head."""
    return _RULE.match(text) is not None


def unmarked(text: str) -> str:
    """``text`` without Markdown's marks for links, bold and italics; other brackets and stars stay."""
    if "](" in text:
        text = _LINKED.sub(lambda found: found.group(1) or found.group(2), text)
    if "*" in text or "_" in text:
        text = _ITALIC.sub(r"\2", _BOLD.sub(r"\2", text))
    return text


def without_form_blanks(text: str) -> str:
    """``text`` without the lines of underscores that a form leaves to write on."""
    return _FORM_BLANK.sub(" ", text) if "_" in text else text


def is_title_like(text: str) -> bool:
    """Whether a short line reads as a heading: no sentence, most of its words with capitals.

    A line that ends in a colon is a heading only in capitals: otherwise it leads into what follows.
    """
    text = text.strip()
    words = re.findall(r"[^\W\d_][\w\u2019'-]*", text)
    if not words or len(text) > _HEADING_CHARACTERS or len(text.split()) > _HEADING_WORDS:
        return False
    if text[-1] in ".,;!|" or not (text[0].isupper() or text[0].isdigit() or text[0] in "“\"'("):
        return False
    letters = sum(map(len, words))
    if letters < 3 or letters < 0.55 * len(text.replace(" ", "")):
        return False
    if text.upper() == text:
        return True
    if text[-1] == ":":
        return False
    big = [word for word in words if word.lower() not in _SMALL_WORDS]
    return sum(1 for word in big if word[0].isupper()) >= 0.7 * len(big)


def is_capitals(text: str) -> bool:
    """Whether a line with letters has no small ones."""
    return text.upper() == text and text.lower() != text


def ends_open(text: str) -> bool:
    """Whether a line cannot end there: its last word is a joining one, or it ends with a comma."""
    last = text.split()[-1] if text.split() else ""
    return last.lower() in _SMALL_WORDS or last.endswith((",", "-", "\u2013", "/", "("))
