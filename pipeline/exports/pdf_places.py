"""Where a run's passages stand on the pages of their PDF: boxes around their words, in PDF points.

A passage's text was put in reading order, freed of running heads and made whole at line ends, so it
is looked for by its letters alone. Coordinates are the page's own (origin at the lower left, before
any rotation), which is what annotations and REFI-QDA use.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import UnreadableDocumentError
from pipeline.exports.align import Haystack, Match, fold, letters
from pipeline.exports.refi import PageBox
from pipeline.readers.pdf_text import clean_character
from pipeline.records import Passage

ENOUGH = 0.7  # of a passage's letters must be found for its place to be known
_LONE = 24  # letters: a shorter run far from the others may be the same words elsewhere
_NEAR = 120  # letters: runs this close belong together
_BRIDGED = 6  # letters between two runs that a font or a hyphen hides
_PUNCTUATION = 3  # marks behind the last letter that belong to it
_LINE_ENDS = (0x0A, 0x0D)
_LINE_OVERLAP = 0.5
_WIDEST_GAP = 3.0  # of a line's height: more is another column


@dataclass(frozen=True, slots=True)
class Place:
    """The boxes of a passage's lines, in reading order, and the share of its letters that were found."""

    lines: tuple[PageBox, ...]
    found: float


@dataclass(slots=True)
class _Page:
    """A page's letters, for each the character it is of, and every character's code and box."""

    number: int
    folded: str
    owners: list[int]
    codes: list[int]
    boxes: dict[int, tuple[float, float, float, float]]


def find_places(path: Path, passages: Sequence[Passage]) -> dict[str, Place]:
    """Find each passage on its pages; those found by less than 70% of their letters have no lines.

    pdfium is not thread-safe: call this from one thread of a process only. Raises
    UnreadableDocumentError for a PDF that cannot be opened.
    """
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise UnreadableDocumentError(
            path,
            "the PDF is damaged or locked and cannot be opened",
            "Open it in a PDF viewer, save a new copy and profile that",
        ) from error
    try:
        pages: dict[int, _Page] = {}
        for number in sorted({n for p in passages for n in p.pages if 1 <= n <= len(document)}):
            with contextlib.suppress(pdfium.PdfiumError):  # a page that does not open has no places
                pages[number] = _read(document, number)
        return dict(_places(pages, passages))
    finally:
        document.close()


def _places(pages: Mapping[int, _Page], passages: Sequence[Passage]) -> Iterator[tuple[str, Place]]:
    haystacks: dict[tuple[int, ...], Haystack] = {}
    reached: dict[int, int] = {}  # the letter of each page that the passages before have come to
    for passage in passages:
        numbers = tuple(n for n in passage.pages if n in pages)
        if numbers not in haystacks:
            haystacks[numbers] = Haystack("".join(pages[n].folded for n in numbers))
        needle = letters(passage.text).folded
        after = reached.get(numbers[0], 0) if numbers else 0
        matches = _together(haystacks[numbers].align(needle, after=after))
        share = sum(m.length for m in matches) / max(len(needle), 1)
        if share < ENOUGH:
            yield passage.id, Place((), share)
            continue
        lines: list[PageBox] = []
        first = 0
        for number in numbers:
            page = pages[number]
            last = first + len(page.folded)
            own = [(max(m.found, first) - first, min(m.found + m.length, last) - first) for m in matches]
            own = [(a, b) for a, b in own if a < b]
            if own:
                reached[number] = max(b for _, b in own)
            for a, b in _bridged(own):
                lines += _lines(page, page.owners[a], page.owners[b - 1])
            first = last
        yield passage.id, Place(tuple(lines), share)


def _together(matches: list[Match]) -> list[Match]:
    """Leave out short runs that stand far from the rest: common words of another paragraph."""
    return [
        m
        for i, m in enumerate(matches)
        if m.length >= _LONE or len(matches) == 1
        or (i > 0 and 0 <= m.found - (matches[i - 1].found + matches[i - 1].length) <= _NEAR)
        or (i + 1 < len(matches) and 0 <= matches[i + 1].found - (m.found + m.length) <= _NEAR)
    ]  # fmt: skip


def _bridged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for a, b in spans:
        if joined and 0 <= a - joined[-1][1] <= _BRIDGED:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return joined


def _read(document: pdfium.PdfDocument, number: int) -> _Page:
    page = document[number - 1]
    try:
        text_page = page.get_textpage()
    except pdfium.PdfiumError:
        page.close()
        raise
    found = _Page(number, "", [], [], {})
    try:
        raw, box = text_page.raw, pdfium_c.FS_RECTF()
        left, bottom, right, top = _visible(page)
        folded: list[str] = []
        for index in range(pdfium_c.FPDFText_CountChars(raw)):
            code = pdfium_c.FPDFText_GetUnicode(raw, index)
            found.codes.append(code)
            text = clean_character(code)
            if not text.strip() or pdfium_c.FPDFText_IsGenerated(raw, index):
                continue
            pdfium_c.FPDFText_GetLooseCharBox(raw, index, box)
            across, up = (box.left + box.right) / 2, (box.bottom + box.top) / 2
            if not (left <= across <= right and bottom <= up <= top):
                continue  # off the page as it is shown
            found.boxes[index] = (box.left, box.bottom, box.right, box.top)
            for letter in "".join(map(fold, text)):
                folded.append(letter)
                found.owners.append(index)
        found.folded = "".join(folded)
    finally:
        text_page.close()
        page.close()
    return found


def _visible(page: pdfium.PdfPage) -> tuple[float, float, float, float]:
    crop, media = page.get_cropbox(), page.get_mediabox()
    left, bottom = max(crop[0], media[0]), max(crop[1], media[1])
    right, top = min(crop[2], media[2]), min(crop[3], media[3])
    return (left, bottom, right, top) if left < right and bottom < top else tuple(media)


def _lines(page: _Page, first: int, last: int) -> Iterator[PageBox]:
    """Yield a box a line for the characters ``first`` to ``last`` and the punctuation behind them."""
    for index in range(last + 1, min(last + 1 + _PUNCTUATION, len(page.codes))):
        text = clean_character(page.codes[index])
        if page.codes[index] in _LINE_ENDS or not text.strip() or fold(text[:1]):
            break
        last = index
    line: list[float] = []
    for index in range(first, last + 1):
        box = page.boxes.get(index)
        if box is None or box[2] <= box[0] or box[3] <= box[1]:
            continue
        if line and _same_line(line, box):
            line = [min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3])]
            continue
        if line:
            yield PageBox(page.number, *line)
        line = list(box)
    if line:
        yield PageBox(page.number, *line)


def _same_line(line: Sequence[float], box: Sequence[float]) -> bool:
    """Say whether a character goes on from a line, across or (in turned text) up and down."""
    height, width = min(line[3] - line[1], box[3] - box[1]), min(line[2] - line[0], box[2] - box[0])
    across = min(line[3], box[3]) - max(line[1], box[1]) > _LINE_OVERLAP * height
    if across:
        return box[0] - line[2] < _WIDEST_GAP * height and box[2] > line[0]
    # One above the other is turned text only while the line is as narrow as one character.
    turned = line[3] - line[1] > 2 * (line[2] - line[0])
    return turned and min(line[2], box[2]) - max(line[0], box[0]) > _LINE_OVERLAP * width
