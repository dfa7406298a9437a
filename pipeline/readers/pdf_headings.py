"""Which blocks are headings and at what level: by size, weight, capitals, numbering and known labels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.readers.pdf_blocks import Draft

_LARGE = 1.15
"""A heading by size alone is this many times the body's size."""
_LONGEST = 25
"""Words in the longest heading; a longer text in large or bold type is a notice."""
_RUN_IN = 9
"""Words in the longest heading known by its numbering or its capitals alone."""
_DEEPEST = 6

_LABEL = re.compile(
    r"^(?:(?:legal|management|cross|policy|state|federal|other|statutory|related|selected)\s+)*"
    r"(?:references?|resources|bibliography|works cited|citations?|endnotes)"
    r"(?:\s*\([^)]{1,20}\))?\s*:?$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?:(?P<decimal>\d{1,2}(?:\.\d{1,2}){0,4})[.)]?|(?:section|part|chapter|article|unit|lesson|module|appendix)"
    r"\s+[\dIVXA-Z]+[.:]?|[IVX]{1,5}\.|[A-Z]\.)\s+\S",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b")
_SMALL_WORDS = frozenset({
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "nor", "of", "on",
    "or", "over", "per", "the", "to", "vs", "via", "with",
})  # fmt: skip
_WORD_OR_NUMBER = re.compile(r"\w+")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")


def mark_headings(drafts: Sequence[Draft], body: float, title: str = "") -> None:
    """Mark headings and set their levels (1 the topmost), in place.

    A heading on the first page that says what ``title`` says stands alone on the first level.

    A style (size in half points, then bold capitals, bold, label, capitals, numbering alone) is a
    level; the styles a document uses are ranked, and a decimal number (2.1) goes deeper by its dots.
    """
    bold_body = sum(len(draft.text) for draft in drafts if draft.bold) > 0.5 * sum(
        len(d.text) for d in drafts
    )
    styles: dict[int, tuple[float, int]] = {}
    for number, draft in enumerate(drafts):
        weight = _weight(draft, drafts[number + 1 : number + 3], body, bold_body=bold_body)
        if weight:
            size = (
                max(round(draft.size * 2) / 2, body) if weight > 3 else min(round(draft.size * 2) / 2, body)
            )
            styles[number] = (size if abs(size - body) > 0.06 * body else body, weight)
    ranks = sorted(set(styles.values()), reverse=True)
    for number, style in styles.items():
        draft = drafts[number]
        draft.heading = True
        numbered = _NUMBERED.match(draft.text)
        dots = numbered["decimal"].count(".") if numbered and numbered["decimal"] else 0
        draft.level = min(ranks.index(style) + 1 + dots, _DEEPEST)
    _raise_title([drafts[number] for number in styles], title)


def _raise_title(headings: Sequence[Draft], title: str) -> None:
    wanted = _WORD_OR_NUMBER.findall(title.lower())
    chief = [
        draft for draft in headings[:6] if wanted and _WORD_OR_NUMBER.findall(draft.text.lower()) == wanted
    ]
    others = [draft for draft in headings if not chief or draft is not chief[0]]
    if not chief:
        return
    shift = max(0, 2 - min((draft.level for draft in others), default=2))
    for draft in others:
        draft.level = min(draft.level + shift, _DEEPEST)
    chief[0].level = 1


def _weight(draft: Draft, after: Sequence[Draft], body: float, *, bold_body: bool) -> int:
    """Weigh a block as a heading: 0 for none, up to 6 for bold capitals."""
    text = draft.text.strip()
    words = draft.words
    letters = [character for character in text if character.isalpha()]
    if draft.table or draft.apart or len(letters) < 3 or words > _LONGEST or draft.marker == "•":
        return 0
    if draft.beside or _DATE.search(text) or (text.startswith("(") and text.endswith(")")):
        return 0
    capitals = len(letters) >= 4 and all(character.isupper() for character in letters)
    bold = draft.bold and not bold_body
    open_end = not text.endswith((".", ";", ",", "!"))
    if draft.size >= _LARGE * body and (open_end or words <= 8):
        return 6 if bold and capitals else 5
    if draft.size < 0.8 * body:
        return 0
    if _LABEL.match(text):
        return 6 if bold and capitals else 5 if bold else 4
    if not open_end or draft.lines > 3 or text[:1].islower():
        return 0
    if bold and words <= 16:
        return 6 if capitals else 5
    if not after:
        return 0
    if capitals and words <= _RUN_IN and text[:1].isalpha() and not _same_type_follows(after, draft):
        return 3
    return _plain(draft, after, words, text)


def _same_type_follows(after: Sequence[Draft], draft: Draft) -> bool:
    """Say whether what follows is in capitals too: then these are lines of a notice or an address."""
    letters = [character for character in after[0].text if character.isalpha()]
    return bool(letters) and all(character.isupper() for character in letters) and after[0].size == draft.size


def _plain(draft: Draft, after: Sequence[Draft], words: int, text: str) -> int:
    """Weigh a short line in the body's own type: a heading where it is in title case over running text."""
    following = after[0]
    if words > _RUN_IN or draft.lines > 1 or text.endswith((":", ")")) or not _title_case(text):
        return 0
    prose = following.words >= 12 and following.text[:1].isupper() and not following.table
    if following.marker and not draft.marker:
        prose = False
    spaced = following.gap > 1.25 * (following.step or 1.25 * following.size)
    if draft.marker:
        return 1 if prose and not following.marker else 0
    return 2 if prose and spaced and words >= 2 and following.lines > 1 else 0


def _title_case(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if word.lower() not in _SMALL_WORDS]
    return bool(words) and all(word[0].isupper() for word in words)


def is_reference_label(text: str) -> bool:
    """Say whether a heading opens a list of references rather than text of the document."""
    return bool(_LABEL.match(text.strip()))
