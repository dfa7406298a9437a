"""From a PDF page to segments: runs of characters on one line with no wide gap in them.

All coordinates leave this module in points, measured from the top left of the page as it
is shown (its rotation applied, clipped to its visible box), so ``y`` grows downwards.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pipeline.readers.pdf_raw import Characters, Style, drawings
from pipeline.readers.pdf_text import BREAK_HYPHEN, clean_character

WIDE_GAP = 1.3
"""A gap of this many font sizes ends a segment: justified text stays below it, tabs and gutters above."""
TAB_SPACES = 4
"""So many spaces in a row were typed to make a column."""
SPACE_GAP = 0.18
"""A jump of this many font sizes without a space is a word gap (a narrow space is 0.22 wide)."""
_PICTURE_SHARE = 0.05
"""Pictures over this share of a page without text are its content; a logo alone is smaller."""
_DRAWN_TEXT = 20
"""So many drawn shapes on a page without text are letters in outline; a letterhead's rules are few."""


@dataclass(slots=True)
class Segment:
    """A run of characters on one line: its text, its box in points, and its type.

    ``order`` is the place of its first character in the page's stream; ``bold`` and
    ``italic`` are shares of its characters; ``turned`` text does not run left to right.
    ``sureness`` is that of OCR (0 to 1), None for text as the file stores it.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    bold: float
    italic: float
    order: int
    turned: bool = False
    sureness: float | None = None


@dataclass(slots=True)
class PageText:
    """One page: its segments in stream order, its ruled lines, and how much of it is pictures.

    ``rules`` are boxes (x0, top, x1, bottom) at most ``3`` points thick one way.
    """

    number: int
    width: float
    height: float
    segments: list[Segment] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)
    picture_share: float = 0.0
    drawn_objects: int = 0


@dataclass(slots=True)
class _Run:
    """The characters of a segment while it is being gathered."""

    characters: list[str]
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    order: int
    turned: bool
    letters: int = 0
    bold: int = 0
    italic: int = 0
    spaces: int = 0
    end: float = 0.0


class _View:
    """The page as shown: turns PDF coordinates into points from the top left."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        left, bottom, right, top = page.get_cropbox()
        outer = page.get_mediabox()
        self.left, self.right = max(left, outer[0]), min(right, outer[2])
        self.bottom, self.top = max(bottom, outer[1]), min(top, outer[3])
        if self.left >= self.right or self.bottom >= self.top:
            self.left, self.bottom, self.right, self.top = outer
        self.turn = page.get_rotation() % 360
        across, down = self.right - self.left, self.top - self.bottom
        self.width, self.height = (down, across) if self.turn in (90, 270) else (across, down)

    def point(self, x: float, y: float) -> tuple[float, float]:
        across, up = x - self.left, y - self.bottom
        if self.turn == 90:
            return up, across
        if self.turn == 180:
            return self.width - across, up
        if self.turn == 270:
            return self.width - up, self.height - across
        return across, self.height - up

    def boxes(self, found: NDArray[np.float64]) -> tuple[list[float], ...]:
        """Turn PDF boxes (left, top, right, bottom) into lists of x0, top, x1, bottom, and whether they are seen."""
        left, top, right, bottom = found.T
        x, y = (left + right) / 2, (bottom + top) / 2
        seen = (self.left <= x) & (x <= self.right) & (self.bottom <= y) & (y <= self.top)
        (a, b), (c, d) = self.point(left, bottom), self.point(right, top)
        sides = (np.minimum(a, c), np.minimum(b, d), np.maximum(a, c), np.maximum(b, d), seen)
        return tuple(side.tolist() for side in sides)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (a, b), (c, d) = self.point(x0, y0), self.point(x1, y1)
        return min(a, c), min(b, d), max(a, c), max(b, d)


def read_page(page: pdfium.PdfPage, number: int) -> PageText:
    """Take the text, the ruled lines and the extent of the pictures of one page."""
    view = _View(page)
    found = PageText(number=number, width=view.width, height=view.height)
    text_page = page.get_textpage()
    try:
        found.segments = _segments(text_page, view)
    finally:
        text_page.close()
    _read_drawings(page, view, found)
    return found


def _segments(text_page: pdfium.PdfTextPage, view: _View) -> list[Segment]:
    found = Characters(text_page.raw)
    x0s, tops, x1s, bottoms, seen = view.boxes(found.boxes)
    styles, numbers = found.styles, found.numbers
    styled, turned, straight, level = -1, False, False, 0.0
    segments: list[Segment] = []
    run: _Run | None = None
    for index, code in enumerate(found.codes):
        if code in (0x0D, 0x0A):
            # A line break of pdfium's own ends the run; a break inside a text object is nothing.
            if run is not None and found.is_generated(index):
                segments.append(_close(run))
                run = None
            continue
        character = clean_character(code)
        if character == " ":
            if run is not None:
                if run.characters[-1] != " ":
                    run.characters.append(" ")
                if not found.is_generated(index):
                    run.spaces += 1
                    # A real space that lies behind the last letter covers part of the gap.
                    if not run.turned and run.x1 - 1 <= x0s[index] <= run.end + run.size:
                        run.end = max(run.end, x1s[index])
            continue
        if not character:
            continue
        if numbers[index] != styled:
            styled = numbers[index]
            style = styles[styled]
            turned = 30 < (style.angle + view.turn) % 360 < 330
            # The characters of an object that runs straight across stand on one baseline.
            straight = not style.angle
            level = view.point(style.x, style.y)[1]
        if not seen[index]:
            continue  # text off the page: two of 245 policies repeat themselves there
        x0, top, x1, bottom = x0s[index], tops[index], x1s[index], bottoms[index]
        if not straight:
            level = view.point(*found.origin(index))[1]
        if run is not None and not _continues(run, x0, x1, top, bottom, level, style.size, turned):
            segments.append(_close(run))
            run = None
        if run is None:
            level = view.point(*found.origin(index))[1]
            run = _Run([], x0, x1, top, bottom, level, style.size, index, turned, end=x1)
        elif not turned and run.characters[-1] != " " and x0 - run.x1 > SPACE_GAP * style.size:
            run.characters.append(" ")
        _add(run, character, x0, x1, top, bottom, style)
    if run is not None:
        segments.append(_close(run))
    return [segment for segment in segments if segment.text]


def _continues(
    run: _Run, x0: float, x1: float, top: float, bottom: float, baseline: float, size: float, turned: bool
) -> bool:
    """Say whether a character belongs to the run: same line, moving right, no wide gap."""
    if run.turned or turned:
        near = abs(x0 - run.x0) < 2 * size or abs(top - run.top) < 2 * size
        return run.turned and turned and near
    if abs(baseline - run.baseline) >= 0.25 * size:
        overlap = min(bottom, run.bottom) - max(top, run.top)
        raised = size != run.size and overlap > 0.6 * min(
            bottom - top, run.bottom - run.top
        )  # a small figure
        if not raised:
            return False
    em = size if size > run.size else run.size
    if x1 < run.x1 - 0.6 * em:
        return False
    end = run.end if run.end > run.x1 else run.x1
    return x0 - end < WIDE_GAP * em and run.spaces < TAB_SPACES


def _add(run: _Run, character: str, x0: float, x1: float, top: float, bottom: float, style: Style) -> None:
    # Comparisons and not min() and max(): this runs once a character.
    run.characters.append(character)
    if x0 < run.x0:
        run.x0 = x0
    if x1 > run.x1:
        run.x1 = x1
    if top < run.top:
        run.top = top
    if bottom > run.bottom:
        run.bottom = bottom
    if style.size > run.size:
        run.size = style.size
    run.end, run.spaces = run.x1, 0
    run.letters += 1
    run.bold += style.bold
    run.italic += style.italic


def _close(run: _Run) -> Segment:
    letters = max(run.letters, 1)
    return Segment(
        text="".join(run.characters).strip(),
        x0=run.x0,
        x1=run.x1,
        top=run.top,
        bottom=run.bottom,
        baseline=run.baseline,
        size=run.size,
        bold=run.bold / letters,
        italic=run.italic / letters,
        order=run.order,
        turned=run.turned,
    )


def _read_drawings(page: pdfium.PdfPage, view: _View, found: PageText) -> None:
    """Gather ruled lines (thin boxes, and the edges of plain rectangles) and the share of pictures."""
    covered = 0.0
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for drawn, kind in drawings(page.raw):
        if kind not in (pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_FORM):
            continue
        if not pdfium_c.FPDFPageObj_GetBounds(drawn, left, bottom, right, top):
            continue
        found.drawn_objects += 1
        x0, y0, x1, y1 = view.box(left.value, bottom.value, right.value, top.value)
        if kind != pdfium_c.FPDF_PAGEOBJ_PATH:  # a scan may lie in a form
            across = max(0.0, min(x1, view.width) - max(x0, 0.0))
            covered += across * max(0.0, min(y1, view.height) - max(y0, 0.0))
        elif min(x1 - x0, y1 - y0) <= 3:
            found.rules.append((x0, y0, x1, y1))
        elif pdfium_c.FPDFPath_CountSegments(drawn) <= 6:
            found.rules += [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
    found.picture_share = min(1.0, covered / max(view.width * view.height, 1.0))


def is_picture(page: PageText, words: int) -> bool:
    """Say whether a page's content is a picture: drawn over, and without ``words`` of its own."""
    return words == 0 and (page.picture_share >= _PICTURE_SHARE or page.drawn_objects >= _DRAWN_TEXT)


__all__ = ["BREAK_HYPHEN", "PageText", "Segment", "is_picture", "read_page"]
