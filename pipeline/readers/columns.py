"""Tables and text columns that a plain text draws with runs of spaces."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.readers.lines import BULLETS, Line, without_form_blanks
from pipeline.readers.tables import row_blocks
from pipeline.records import FoundBlock

_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_AFTER_BULLET = re.compile(rf"(?<=[{BULLETS}])( +)")
_AFTER_MARK = re.compile(r"^( *(?:[-*o]|\(?\w{1,3}[.)]))( {2,})(?=\S)")
_STARTS_WITH_BULLET = re.compile(rf"\s*[{BULLETS}]")
_WORD = re.compile(r"[^ ]+")
_LEADERS = re.compile(r"(?:\. ?){4,}")
# Gutters may be crossed by one line in ten: layouts shift a little from row to row.
_CROSSED = 0.1
_MOST_BLANKS = 2
# More than a page; without an end, lines that fit no columns would be tried again and again.
_MOST_LINES = 150
_MOST_CUTS = 12
_PROSE_CELL_WORDS = 45
_COLUMN_WORDS = 4
_FEWEST_COLUMN_LINES = 6
_FEWEST_SHORT_ROWS = 4


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in lines up to ``end``: rows as blocks, or the lines of a cell or column of prose."""

    end: int
    parts: tuple[FoundBlock | list[Line], ...]


def find_tables(lines: Sequence[Line]) -> dict[int, Table]:
    """Give the tables among ``lines``, by the number of their first line."""
    texts = [_held_together(line.text) for line in lines]
    parted = [bool(_GAP.search(text)) and not _LEADERS.search(text) for text in texts]
    tables: dict[int, Table] = {}
    heads: set[str] = set()
    at = 0
    while at < len(lines):
        if not parted[at]:
            at += 1
            continue
        end = _region_end(lines, texts, parted, at)
        gutters, end = _fitted(texts, parted, at, end)
        if not gutters:
            at += 1
            continue
        region = [Line(text, line.page) for text, line in zip(texts[at:end], lines[at:end], strict=True)]
        tables[at] = Table(end, tuple(_parts(region, gutters, heads)))
        at = end
    return tables


def _held_together(text: str) -> str:
    """Spaces after a bullet part no columns; a placeholder keeps every character in its place."""
    text = _AFTER_BULLET.sub(lambda found: "\x00" * len(found.group()), text)
    return _AFTER_MARK.sub(lambda found: found.group(1) + "\x00" * len(found.group(2)), text)


def _region_end(lines: Sequence[Line], texts: Sequence[str], parted: Sequence[bool], at: int) -> int:
    """One past the last line that can belong to the table that begins at ``at``."""
    page, widest, end, blanks = lines[at].page, 0, at, 0
    starts: set[int] = set()  # where the second and later cells begin
    for number in range(at, min(len(lines), at + _MOST_LINES)):
        text = texts[number]
        if lines[number].page != page:
            break
        if not text:
            blanks += 1
            if blanks > _MOST_BLANKS:
                break
            continue
        indent = len(text) - len(text.lstrip())
        if parted[number]:
            widest = max(widest, len(text))
            starts.update(found.end() for found in _GAP.finditer(text))
        elif not any(abs(indent - start) <= 2 for start in starts) and (
            len(text) - indent > 0.62 * widest or (blanks and indent < 8)
        ):
            break
        blanks, end = 0, number + 1
    return end


def _fitted(texts: Sequence[str], parted: Sequence[bool], at: int, end: int) -> tuple[list[int], int]:
    """Give the gutters of lines ``at`` to ``end``, shortened until each line without a gap fits a column."""
    for _ in range(_MOST_CUTS):
        while end > at and not parted[end - 1] and not texts[end - 1].startswith(" " * 8):
            end -= 1
        rows = [text for text in texts[at:end] if text]
        if sum(parted[at:end]) < 2:
            return [], at
        gutters = _gutters(rows, [text for number, text in enumerate(texts[at:end]) if parted[at + number]])
        if not gutters:
            return [], at
        crossing = next(
            (
                number
                for number in range(at, end)
                if texts[number] and not parted[number] and _crosses(texts[number], gutters)
            ),
            None,
        )
        if crossing is None:
            return gutters, end
        end = crossing
    return [], at


def _crosses(text: str, gutters: Sequence[int]) -> bool:
    start = len(text) - len(text.lstrip())
    return any(start < gutter - 2 and len(text) > gutter + 2 for gutter in gutters)


def _gutters(rows: Sequence[str], parted: Sequence[str]) -> list[int]:
    """Give the right edge of each run of places that (nearly) no row writes in, with text on both sides."""
    width = max(map(len, rows))
    # Steps up and down at the ends of each word, summed: far faster than a look at each character.
    steps = [0] * (width + 1)
    for row in rows:
        for word in _WORD.finditer(row):
            steps[word.start()] += 1
            steps[word.end()] -= 1
    written = list(itertools.accumulate(steps[:width]))
    allowed = int(_CROSSED * len(rows))
    gutters: list[int] = []
    start: int | None = None
    left = 0
    for place in range(width + 1):
        if place < width and written[place] <= allowed:
            start = place if start is None else start
            continue
        if start is not None and place - start >= 2 and start > 0 and place < width:
            both = sum(bool(row[left:place].strip()) and bool(row[place:].strip()) for row in parted)
            if both >= 2 and both >= 0.2 * len(parted):
                gutters.append(place)
                left = place
        start = None
    return gutters


def _cells(text: str, gutters: Sequence[int]) -> list[str]:
    """Cut one line at the gutters; where the line writes across one, at the widest space near it."""
    cuts: list[int] = []
    for gutter in gutters:
        low = max(gutter - 8, cuts[-1] if cuts else 0)
        spaces = [found for found in re.finditer(r" +", text[low : gutter + 8]) if found.end() > 0]
        if gutter >= len(text) or text[gutter - 2 : gutter] == "  ":
            cuts.append(min(gutter, len(text)))
        elif spaces:
            best = max(spaces, key=lambda found: (len(found.group()), -abs(low + found.end() - gutter)))
            cuts.append(low + best.end())
        else:
            following = text.find(" ", gutter)
            cuts.append(len(text) if following < 0 else following)
    bounds = [0, *cuts, len(text)]
    return [text[start:end].rstrip() for start, end in itertools.pairwise(bounds)]


def _parts(region: list[Line], gutters: list[int], heads: set[str]) -> list[FoundBlock | list[Line]]:
    page = region[0].page
    grid = [_cells(line.text, gutters) if line.text else [""] * (len(gutters) + 1) for line in region]
    if _is_columns(grid):
        return [
            [Line(row[column].replace("\x00", " ").rstrip(), page) for row in grid]
            for column in range(len(grid[0]))
        ]
    parts: list[FoundBlock | list[Line]] = []
    for number, rows in enumerate(_row_groups(grid)):
        cells = [[row[column] for row in rows] for column in range(len(rows[0]))]
        long = [cell for cell in cells if sum(len(text.split()) for text in cell) > _PROSE_CELL_WORDS]
        short = [_cell(cell) for cell in cells if cell not in long]
        blocks = row_blocks([short], header=False, pages=(page,) if page else ())
        # The head of a table comes again on each of its pages.
        key = blocks[0].text if blocks and not number else ""
        if key and not long and key in heads:
            continue
        heads.add(key)
        parts += blocks
        parts += [[Line(text.replace("\x00", " ").rstrip(), page) for text in cell] for cell in long]
    return parts


def _cell(lines: Sequence[str]) -> str:
    text = ""
    for line in lines:
        words = " ".join(without_form_blanks(line.replace("\x00", " ")).split())
        text += words if text.endswith("-") and words[:1].islower() else f" {words}"
    return text.strip()


def _is_columns(grid: Sequence[Sequence[str]]) -> bool:
    """Whether these are columns to be read one after the other: bullets, or prose side by side."""
    written = [row for row in grid if any(cell.strip() for cell in row)]
    bullets = [
        sum(bool(_STARTS_WITH_BULLET.match(row[column])) for row in written) for column in range(len(grid[0]))
    ]
    if sum(count >= 2 for count in bullets) >= 2:
        return True
    if len(grid[0]) != 2 or len(written) < _FEWEST_COLUMN_LINES:
        return False
    both = [row for row in written if all(len(cell.split()) >= _COLUMN_WORDS for cell in row)]
    return len(both) > 0.7 * len(written)


def _is_head(row: Sequence[str]) -> bool:
    return all(cell.strip() and len(cell.split()) <= 5 and not re.search(r"\d", cell) for cell in row)


def _row_groups(grid: Sequence[Sequence[str]]) -> list[list[Sequence[str]]]:
    """Give the lines of each row: parted by blank lines where its first cell is written, or by full lines."""
    fills = [_is_full(row) for row in grid]
    written = [number for number, row in enumerate(grid) if any(cell.strip() for cell in row)]
    one_line_each = sum(fills) > 0.7 * len(written)
    head = bool(written) and _is_head(grid[written[0]])
    groups: list[list[Sequence[str]]] = []
    blank, after_full = True, False
    for number, row in enumerate(grid):
        if not any(cell.strip() for cell in row):
            blank = True
            if groups:
                groups[-1].append(row)
            continue
        alone = one_line_each or _in_short_rows(grid, fills, number)
        if not groups or (row[0].strip() and (blank or (fills[number] and (alone or not after_full)))):
            groups.append([])
        groups[-1].append(row)
        # What follows the names of the columns is a new row, wherever else two full lines are one.
        blank, after_full = False, fills[number] and not (head and len(groups) == 1)
    return groups


def _is_full(row: Sequence[str]) -> bool:
    return bool(row[0].strip()) and sum(bool(cell.strip()) for cell in row) >= max(2, 0.75 * len(row))


def _in_short_rows(grid: Sequence[Sequence[str]], fills: Sequence[bool], number: int) -> bool:
    """Whether this full line and its neighbours are a list with a row a line: full, with short cells."""
    near = [at for at in range(max(0, number - 2), min(len(grid), number + 3)) if fills[at]]
    cells = [cell for at in near for cell in grid[at] if cell.strip()]
    return len(near) >= _FEWEST_SHORT_ROWS and sum(len(cell.split()) for cell in cells) <= 3 * len(cells)
