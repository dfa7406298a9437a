"""Pages that are pictures of text: found, rendered, read by OCR, and given segments as other pages have them.

What OCR reads goes through the same layout as stored text (columns, running heads, headings, hyphens), so
a scan gives the blocks its original gives. For that the segments need what a PDF says and a picture
does not: a font size (from the height of tall letters), bold type (from the width of strokes) and level lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from pipeline.limits import more_time
from pipeline.ocr import OCR_SECONDS_A_PAGE, Engine, OcrError, OcrLine, OcrWord, sureness_of
from pipeline.quality import is_garbled
from pipeline.readers.pdf_chars import WIDE_GAP, PageText, Segment, is_picture
from pipeline.records import mean_sureness

DOTS = 300.0
"""Dots an inch a page is rendered with: what Tesseract is trained for."""
_MOST_PIXELS = 20_000_000
"""A page is rendered with no more: A3 at 300 dots fits; a poster's letters are larger, so it may be coarser."""
_LONGEST_SIDE = 20_000
"""Pixels; Tesseract refuses more than 32,767."""
_STRAY_WORDS = 15
"""Fewer words than this over a picture of the whole page may be a stamp or a scanner's name; prose has more."""
_WHOLE_PAGE = 0.8
_UPRIGHT = 0.6
"""Tesseract is surer than this of a page that stands upright; of one on its side it is not."""
_FEWEST_LETTERS = 3
_READABLE = 0.5
"""A page with fewer letters, or read less surely on average, is a picture of something else."""
_LOOKS = 50.0
"""Dots an inch at which a page's look is judged: lines of print are still parted."""
_ASCENT = 0.7
"""Height of tall letters in font sizes: 0.68 for Times, 0.72 for Helvetica."""
_SAME_SIZE = 0.1
"""Sizes this near to each other are one: the height of letters is measured to a pixel of thirty."""
_BOLD = 1.3
"""Bold strokes are 1.4 to 1.7 times as wide as regular ones of the same size."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A page without a text layer of use: a picture, garbled text, or stray words over a picture of print."""

    page: PageText
    why: Literal["picture", "garbled", "stray"]
    words: int


@dataclass(slots=True)
class Outcome:
    """What OCR made of pages, by their numbers.

    ``surenesses`` has the mean sureness of each page that was read; ``empty`` pages are pictures in which
    nothing reads as words, ``failed`` ones broke the engine, with what it said; for ``not_reached`` ones the
    time was up.
    """

    surenesses: dict[int, float] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    not_reached: list[int] = field(default_factory=list)


def find_scans(
    document: pdfium.PdfDocument, pages: Sequence[PageText], kept: Sequence[Sequence[Segment]]
) -> list[Scan]:
    """List the pages whose text layer is missing or useless; ``kept`` is their text without furniture."""
    found = []
    for page, segments in zip(pages, kept, strict=True):
        words = sum(len(segment.text.split()) for segment in segments)
        if is_picture(page, words):
            found.append(Scan(page, "picture", words))
        elif is_garbled(" ".join(segment.text for segment in page.segments)):
            found.append(Scan(page, "garbled", words))
        elif (
            0 < words < _STRAY_WORDS
            and page.picture_share >= _WHOLE_PAGE
            and _is_print(render(document, page.number, _LOOKS)[0])
        ):
            found.append(Scan(page, "stray", words))
    return found


def read_scans(document: pdfium.PdfDocument, scans: Sequence[Scan], engine: Engine) -> Outcome:
    """Read pages by OCR and put what was read in the place of their segments; others stay as they are."""
    outcome = Outcome()
    strokes: list[tuple[Segment, float]] = []
    for place, scan in enumerate(scans):
        page = scan.page
        if not more_time(3 * OCR_SECONDS_A_PAGE):  # to read it, to ask which way is up, and to read it again
            outcome.not_reached = [left.page.number for left in scans[place:]]
            break
        try:
            read = _read_page(document, page, engine)
        except OcrError as error:
            outcome.failed[page.number] = str(error)
            continue
        segments = [segment for segment, _ in read]
        sureness = mean_sureness([(segment.sureness, len(segment.text)) for segment in segments]) or 0.0
        if not _is_better(scan, " ".join(segment.text for segment in segments), sureness):
            if scan.why == "picture":
                outcome.empty.append(page.number)
            continue
        page.segments, page.rules = segments, []
        outcome.surenesses[page.number] = sureness
        strokes += read
    _settle_sizes([segment for segment, _ in strokes])
    _settle_weights(strokes)
    return outcome


def _is_better(scan: Scan, text: str, sureness: float) -> bool:
    """Say whether what OCR read says more than what the page stores."""
    if sum(map(str.isalpha, text)) < _FEWEST_LETTERS or sureness < _READABLE or is_garbled(text):
        return False
    return scan.why != "stray" or len(text.split()) > scan.words


def render(
    document: pdfium.PdfDocument, number: int, dots: float, turn: int = 0
) -> tuple[NDArray[np.uint8], float]:
    """Draw page ``number`` in grey, ``turn`` quarter turns clockwise; returns it and its true dots an inch.

    The picture is bounded whatever the page's box says: a page may call itself five metres wide.
    """
    page = document[number - 1]
    try:
        width, height = (max(side, 1.0) for side in page.get_size())
        scale = min(dots / 72, (_MOST_PIXELS / (width * height)) ** 0.5, _LONGEST_SIDE / max(width, height))
        bitmap = page.render(scale=scale, rotation=90 * turn, grayscale=True)
        picture = np.array(bitmap.to_numpy(), dtype=np.uint8)  # a copy: the bitmap goes
        bitmap.close()
    finally:
        page.close()
    return picture.reshape(picture.shape[:2]), 72 * scale


def _is_print(picture: NDArray[np.uint8]) -> bool:
    """Say whether a page looks like print: light, with dark lines that paper parts; a photograph is neither."""
    ink = picture < 0.6 * float(np.median(picture))
    lines = np.diff((ink.mean(axis=1) > 0.01).astype(int))
    return bool(np.median(picture) > 150 and 0.005 < ink.mean() < 0.3 and (lines == 1).sum() >= 5)


def _read_page(document: pdfium.PdfDocument, page: PageText, engine: Engine) -> list[tuple[Segment, float]]:
    """Read one page; where it is hard to read, see whether it lies on its side, and read it again."""
    picture, dots = render(document, page.number, DOTS)
    lines = engine.read(picture, dots)
    if _upright(lines) < _UPRIGHT and (turn := engine.turn(picture, dots)):
        turned, dots = render(document, page.number, DOTS, turn)
        again = engine.read(turned, dots)
        if _upright(again) > _upright(lines):
            picture, lines = turned, again
            if turn % 2:
                page.width, page.height = page.height, page.width
    return _segments([line for line in lines if not line.turned], picture, 72 / dots)


def _upright(lines: Sequence[OcrLine]) -> float:
    """Average how surely words were read, by their letters; those of turned lines count as not read."""
    read = [(0.0 if line.turned else word.sureness, len(word.text)) for line in lines for word in line.words]
    return mean_sureness(read) or 0.0


def _segments(
    lines: Sequence[OcrLine], picture: NDArray[np.uint8], points: float
) -> list[tuple[Segment, float]]:
    """Cut lines at wide gaps, level them, and measure the width of their strokes; ``points`` a pixel."""
    slopes = [line.slope for line in lines for _ in line.words]
    skew = median(slopes) if slopes else 0.0
    dark = (float(np.median(picture)) + float(picture.min(initial=255))) / 2
    found: list[tuple[Segment, float]] = []
    for line in lines:
        size = line.ascent / _ASCENT
        for words in _runs(line.words, WIDE_GAP * size):
            x0, x1 = words[0].x0, words[-1].x1
            middle = line.baseline + line.slope * ((x0 + x1) / 2 - line.words[0].x0)
            top, bottom = round(middle - line.ascent), round(middle)
            crop = picture[max(top, 0) : bottom, round(x0) : round(x1)] < dark
            # Turning the page back by its skew moves a point sideways and up in proportion to its place.
            level, shift = middle - skew * (x0 + x1) / 2, skew * middle
            segment = Segment(
                text=" ".join(word.text for word in words),
                x0=(x0 + shift) * points,
                x1=(x1 + shift) * points,
                top=(level - 0.8 * size) * points,
                bottom=(level + 0.2 * size) * points,
                baseline=level * points,
                size=size * points,
                bold=0.0,
                italic=0.0,
                order=len(found),
                sureness=sureness_of(words),
            )
            found.append((segment, _stroke(crop) * points))
    return found


def _runs(words: Sequence[OcrWord], gap: float) -> list[tuple[OcrWord, ...]]:
    runs: list[list[OcrWord]] = []
    for word in words:
        if runs and word.x0 - runs[-1][-1].x1 < gap:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [tuple(run) for run in runs]


def _stroke(ink: NDArray[Any]) -> float:
    """Give the mean width of the strokes in a picture of a line, in pixels: ink for each start of ink in a row."""
    starts = int((np.diff(ink.astype(np.int8), axis=1) == 1).sum()) if ink.size else 0
    return float(ink.sum()) / starts if starts else 0.0


def _settle_sizes(segments: Sequence[Segment]) -> None:
    """Give sizes that differ by a measuring error one value, the most usual ones first."""
    weights: Counter[float] = Counter()
    for segment in segments:
        weights[round(segment.size * 4) / 4] += len(segment.text)
    left = list(segments)
    for size, _ in weights.most_common():
        near = [segment for segment in left if abs(segment.size - size) <= _SAME_SIZE * size]
        left = [segment for segment in left if abs(segment.size - size) > _SAME_SIZE * size]
        for segment in near:
            segment.size = size


def _settle_weights(strokes: Sequence[tuple[Segment, float]]) -> None:
    """Mark as bold what has wider strokes for its size than most of the document's text."""
    letters = [stroke / segment.size for segment, stroke in strokes for _ in segment.text]
    usual = median(letters) if letters else 0.0
    for segment, stroke in strokes:
        segment.bold = float(stroke / segment.size > _BOLD * usual)
