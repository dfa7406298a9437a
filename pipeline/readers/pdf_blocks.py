"""From regions of lines to blocks: paragraphs, list items, table rows, and what goes on over a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.readers.pdf_layout import Line, Region
from pipeline.readers.pdf_rows import MARKER
from pipeline.readers.pdf_text import Vocabulary
from pipeline.records import mean_sureness

_LOOSE = 1.3
"""A step down of this many times the usual one starts a new block."""
_USUAL_STEP = 1.2
"""Font sizes from line to line where a document is too short to tell."""
_WIDEST_STEP = 2.7
_LISTING = 4
"""A listing has at least so many lines: in prose, four lines in a row seldom all start with a capital."""
_SAME_SIZE = 0.08
_NOTE = 0.92
"""Text under this share of the body's size at a page's end is a note, which a sentence passes over."""
_OPEN_WORDS = frozenset({
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "is", "of", "on",
    "or", "than", "that", "the", "their", "to", "was", "were", "which", "will", "with",
})  # fmt: skip
_ENDED = re.compile(r"[.!?:;…][\"\u201d\u2019')\]]*$")


@dataclass(slots=True)
class Draft:
    """A block in the making, with the type and place that decide what it is.

    ``heard`` has each line's sureness and length.
    """

    text: str
    pages: list[int]
    size: float
    bold: bool
    italic: bool
    x0: float
    first_x0: float
    right: float
    last: Line
    lines: int = 1
    step: float = 0.0
    gap: float = 0.0
    marker: str = ""
    table: bool = False
    apart: bool = False
    region: int = 0
    depth: int = 0
    level: int = 0
    heading: bool = False
    beside: bool = False
    heard: list[tuple[float | None, int]] = field(default_factory=list)

    @property
    def sureness(self) -> float | None:
        """Return how surely OCR read the text, or None where it did not."""
        return mean_sureness(self.heard)

    @property
    def words(self) -> int:
        """Count the words so far."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Measures:
    """The body's font size in points and its usual step from line to line in font sizes."""

    size: float
    step: float


def measure(pages: Sequence[Sequence[Region]]) -> Measures:
    """Take the size most characters have, and the most usual step between full lines."""
    sizes: Counter[float] = Counter()
    steps: Counter[float] = Counter()
    for regions in pages:
        for region in regions:
            for line in region.lines:
                sizes[round(line.row.size * 4) / 4] += len(line.text)
            for one, other in zip(region.lines, region.lines[1:], strict=False):
                step = (other.row.baseline - one.row.baseline) / max(one.row.size, 1.0)
                full = one.row.x1 > region.left + 0.8 * (region.right - region.left)
                if full and not other.cells and 0.8 < step < _WIDEST_STEP:
                    steps[round(step, 1)] += 1
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    return Measures(size, steps.most_common(1)[0][0] if steps else _USUAL_STEP)


def draft_blocks(
    pages: Sequence[Sequence[Region]], numbers: Sequence[int], vocabulary: Vocabulary
) -> list[Draft]:
    """Build the blocks of all pages in order and join those that go on in the next column or page."""
    measures = measure(pages)
    drafts: list[Draft] = []
    region_number = 0
    for number, regions in zip(numbers, pages, strict=True):
        for region in regions:
            region_number += 1
            built = _build(region, number, region_number, measures, vocabulary)
            if built and drafts:
                _carry_over(drafts, built, measures, vocabulary)
            drafts += built
    _set_depths(drafts)
    return drafts


def _build(region: Region, page: int, number: int, measures: Measures, vocabulary: Vocabulary) -> list[Draft]:
    built: list[Draft] = []
    rights, listings = _right_edges(region, measures)
    for index, line in enumerate(region.lines):
        draft = built[-1] if built else None
        step = line.row.baseline - draft.last.row.baseline if draft else 0.0
        if draft is not None and not _breaks(draft, line, step, measures, listing=listings[index]):
            draft.text = vocabulary.join(draft.text, line.text)
            draft.step = max(draft.step, step)
            draft.lines += 1
            draft.x0 = min(draft.x0, line.row.x0)
            draft.last, draft.right = line, rights[index]
            draft.heard.append((line.row.sureness, len(line.text)))
            continue
        built.append(_start(region, line, page, number, rights[index], step, vocabulary))
    return built


def _start(
    region: Region, line: Line, page: int, number: int, right: float, step: float, vocabulary: Vocabulary
) -> Draft:
    row = line.row
    marker = MARKER.match(line.text) if not line.cells else None
    text = line.text
    label = ""
    if marker and marker.end() < len(text):
        label = marker["label"] or "•"
        text = text if marker["label"] else text[marker.end() :]
    cells = [_unwrap(cell, vocabulary) for cell in line.cells]
    return Draft(
        text=" | ".join(cells) if cells else text,
        pages=[page],
        size=row.size,
        bold=row.share("bold") > 0.8,
        italic=row.share("italic") > 0.8,
        x0=row.x0,
        first_x0=row.x0,
        right=right,
        last=line,
        gap=step,
        marker=label.strip(),
        table=bool(cells),
        apart=region.apart,
        region=number,
        beside=abs(step) < 0.3 * row.size and line is not region.lines[0],
        heard=[(row.sureness, len(line.text))],
    )


def _unwrap(cell: str, vocabulary: Vocabulary) -> str:
    text = ""
    for part in cell.split("\n"):
        text = vocabulary.join(text, part)
    return text


def _right_edges(region: Region, measures: Measures) -> tuple[list[float], list[bool]]:
    """Give each line the right margin its text wraps at, and say whether it is a line of a listing.

    A run of lines (one size, no gap) wraps at its own edge where most of its lines reach it. A run
    in which next to no line starts in lower case is a listing: addresses, references, a menu.
    """
    lines = region.lines
    edges = [region.right] * len(lines)
    listings = [False] * len(lines)
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines):
            one, other = lines[end - 1].row, lines[end].row
            step = other.baseline - one.baseline
            if step < _LOOSE * measures.step * one.size and abs(one.size - other.size) < 0.5 and step > 0:
                continue
        run = [line.row for line in lines[start:end]]
        right = max(row.x1 for row in run)
        near = sum(row.x1 > right - 3 * row.size for row in run[:-1])
        if len(run) >= 4 and near >= 0.75 * (len(run) - 1):
            edges[start:end] = [right] * len(run)
        lower = sum(row.text[:1].islower() for row in run[1:])
        if len(run) >= _LISTING and lower <= 0.15 * (len(run) - 1):
            listings[start:end] = [True] * len(run)
        start = end
    return edges, listings


def _breaks(draft: Draft, line: Line, step: float, measures: Measures, *, listing: bool) -> bool:
    """Say whether a line starts a new block after the draft so far."""
    row, last = line.row, draft.last.row
    if draft.table or line.cells or step < 0.3 * row.size:
        return True
    if row.x0 > last.x1 or row.x1 < last.x0:
        return True  # beside each other, not beneath
    if abs(row.size - last.size) > _SAME_SIZE * last.size and not _raised(draft, line):
        return True
    bold = row.share("bold")
    if (draft.bold and bold < 0.2) or (not draft.bold and bold > 0.8 and last.share("bold") < 0.2):
        return True
    if _shouts(line.text) != _shouts(draft.last.text) and (_shouts(line.text) or draft.lines == 1):
        return True
    parted = re.search(r"\w[-\ufffe]$", draft.text) is not None and line.text[:1].isalnum()
    goes_on = parted or (line.text[:1].islower() and not _ENDED.search(draft.text))
    usual = draft.step or measures.step * row.size
    loose = step > _LOOSE * usual or step > _WIDEST_STEP * row.size
    marker = MARKER.match(line.text)
    if marker and marker.end() < len(line.text) and _is_item(draft, line, marker, loose=loose):
        return True
    if goes_on and step <= _WIDEST_STEP * row.size and not (loose and draft.lines > 1):
        return False
    if loose:
        return True
    if listing and not _is_open(draft.text):
        return True
    if draft.right - last.x1 > _first_word_width(line) + 0.6 * row.size and not last.x1 >= draft.right - 1:
        return True  # the first word of this line would have fitted on the last one
    if draft.marker:
        return row.x0 < draft.first_x0 - row.size
    indented = row.x0 - (draft.x0 if draft.lines > 1 else last.x0)
    return indented > 0.9 * row.size if draft.lines > 1 else indented > 1.5 * row.size


def _is_open(text: str) -> bool:
    """Say whether a text must go on: it ends with a comma, a hyphen or a word such as ``of``."""
    words = text.split()
    return text.endswith((",", "-", "\ufffe")) or bool(words and words[-1].lower() in _OPEN_WORDS)


def _raised(draft: Draft, line: Line) -> bool:
    """Allow a size that differs a little within one sentence, as with a substituted font."""
    near = abs(line.row.size - draft.last.row.size) < 0.2 * draft.last.row.size
    return near and line.text[:1].islower() and not _ENDED.search(draft.text)


def _shouts(text: str) -> bool:
    if not text.isupper():
        return False
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= 5 and all(character.isupper() for character in letters)


def _first_word_width(line: Line) -> float:
    row = line.row
    word = line.text.split(" ", 1)[0]
    return (row.x1 - row.x0) * len(word) / max(len(line.text), 1) + 0.25 * row.size


def _is_item(draft: Draft, line: Line, marker: re.Match[str], *, loose: bool) -> bool:
    """Tell a list item from a line that happens to start with ``2.`` or a dash."""
    if marker["lone"] or (marker["bullet"] and marker["bullet"] not in "-\u2013\u2014*"):
        return True
    indented = abs(line.row.x0 - draft.last.row.x0) > 0.6 * line.row.size
    short = draft.right - draft.last.row.x1 > _first_word_width(line) + 0.6 * line.row.size
    ended = bool(_ENDED.search(draft.text)) or draft.text.endswith((",", " and", " or"))
    if marker["bullet"]:
        return loose or short or ended or draft.marker == "•"
    label = marker["label"].strip("().")
    follows = bool(draft.marker) and _follows(draft.marker.strip("()."), label)
    first = label in ("1", "a", "A", "i", "I")
    return (
        loose
        or follows
        or (short and (ended or indented))
        or (first and (ended or short))
        or (indented and ended)
    )


def _follows(one: str, other: str) -> bool:
    """Say whether a label comes after another: 1, 2; a, b; 1.1, 1.2."""
    head, _, tail = one.rpartition(".")
    head_2, _, tail_2 = other.rpartition(".")
    if head != head_2:
        return False
    if tail.isdigit() and tail_2.isdigit():
        return int(tail_2) == int(tail) + 1
    return len(tail) == len(tail_2) == 1 and ord(tail_2) == ord(tail) + 1


def _carry_over(drafts: list[Draft], built: list[Draft], measures: Measures, vocabulary: Vocabulary) -> None:
    """Join the first block of a column or page to the block it goes on from, past notes at the page's end."""
    after = built[0]
    if after.table or after.apart or after.marker or after.size < _NOTE * measures.size:
        return
    place = len(drafts) - 1
    while (
        place >= 0
        and drafts[place].size < _NOTE * measures.size
        and drafts[place].pages[-1] == drafts[-1].pages[-1]
    ):
        place -= 1
    if place < 0:
        return
    before = drafts[place]
    if before.table or before.apart or abs(before.size - after.size) > _SAME_SIZE * before.size:
        return
    if before.bold != after.bold or _shouts(before.text) or _ENDED.search(before.text):
        return
    open_end = _is_open(before.text)
    full = before.right - before.last.row.x1 < _first_word_width(after.last) + 0.6 * after.size
    prose = before.lines > 1 and not before.marker and after.words > 3
    if not (after.text[:1].islower() or open_end or (full and prose)):
        return
    before.text = vocabulary.join(before.text, after.text)
    before.pages += [page for page in after.pages if page not in before.pages]
    before.last, before.right, before.region = after.last, after.right, after.region
    before.lines += after.lines
    before.heard += after.heard
    built.pop(0)


def _set_depths(drafts: Sequence[Draft]) -> None:
    """Give list items their depth from where their markers stand and from the kind of their labels."""
    stack: list[tuple[float, str]] = []
    for draft in drafts:
        if not draft.marker:
            if stack and draft.first_x0 < stack[0][0] - draft.size:
                stack = []
            continue
        style = label_style(draft.marker)
        near = 0.6 * draft.size
        known = [
            place
            for place, (x0, kind) in enumerate(stack)
            if kind == style and abs(x0 - draft.first_x0) <= near
        ]
        if known:
            del stack[known[-1] + 1 :]
        else:
            while stack and draft.first_x0 < stack[-1][0] - near:
                stack.pop()
            level = bool(stack) and abs(stack[-1][0] - draft.first_x0) <= near
            if level and draft.marker.strip("().") not in ("1", "a", "A", "i", "I"):
                stack.pop()
            stack.append((draft.first_x0, style))
        draft.depth = len(stack)


def label_style(marker: str) -> str:
    """Name the kind of a label, its letters and figures aside: ``(a)`` and ``(b)`` are one kind."""
    folded = re.sub(r"\d+", "1", marker)
    return re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", folded))
