"""From a page's segments to regions in reading order: columns one after the other, tables row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from pipeline.readers.pdf_chars import PageText, Segment
from pipeline.readers.pdf_rows import MARKER, Row, join_markers, merge, rows_of
from pipeline.readers.pdf_tables import Grid, cells_of, find_grids

_COLUMN_ROWS = 3
"""A column of running text has at least so many lines."""
_COLUMN_CHARACTERS = 18
"""The lines of a column of running text are this long in the median; cells of a table are shorter."""
_FILLED = 0.5
"""Share of its column's width that the median line of running text fills."""
_STEP = 3.0
"""Points between the places where a gutter is looked for."""
_CELL_GAP = 3.0
"""A gap of this many font sizes on a single row parts two texts rather than two words."""
_CELL_LINES = 6
"""Lines at most in a cell of a table without ruled lines."""
_LONG_ROW = 80
"""Words in a table row above which its cells are texts of their own, read one after the other."""


@dataclass(slots=True)
class Line:
    """One line of a region; ``cells`` holds more than one text where it is a row of a table."""

    row: Row
    cells: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the whole line's text."""
        return self.row.text


@dataclass(slots=True)
class Region:
    """Lines that belong together, between two margins (points); ``apart`` regions continue no other."""

    lines: list[Line]
    left: float
    right: float
    apart: bool = False


def lay_out(page: PageText, segments: Sequence[Segment]) -> list[Region]:
    """Put one page's segments into reading order; turned text comes last."""
    upright = [segment for segment in segments if not segment.turned]
    regions: list[Region] = []
    grids = [grid for grid in find_grids(page.rules, page.width) if _has_cells(grid, upright)]
    inside: set[int] = set()
    stand_ins: list[Segment] = []
    tables: list[list[Region]] = []
    for grid in grids:
        held = [segment for segment in upright if id(segment) not in inside and grid.holds(segment)]
        inside |= {id(segment) for segment in held}
        if held:
            stand_ins.append(_stand_in(grid, held, len(tables)))
            tables.append(_table(grid, held))
    free = [segment for segment in upright if id(segment) not in inside]
    for region in _flow(free + stand_ins):
        regions += _with_tables(region, tables)
    turned = [segment for segment in segments if segment.turned]
    regions += [
        Region([Line(Row([segment]))], segment.x0, segment.x1, apart=True)
        for segment in sorted(turned, key=lambda segment: segment.order)
    ]
    return regions


def _stand_in(grid: Grid, held: Sequence[Segment], number: int) -> Segment:
    """Hold a table's place in the flow with one line as wide as the table; its order is negative."""
    size, top = held[0].size, min(segment.top for segment in held)
    return Segment(
        text=" ".join(segment.text for segment in held)[:80],
        x0=grid.xs[0],
        x1=grid.xs[-1],
        top=top,
        bottom=top + size,
        baseline=top + size,
        size=size,
        bold=0.0,
        italic=0.0,
        order=-1 - number,
    )


def _with_tables(region: Region, tables: Sequence[list[Region]]) -> list[Region]:
    """Put the tables in the place of the lines that stand for them."""
    found: list[Region] = []
    lines: list[Line] = []
    for line in region.lines:
        order = line.row.segments[0].order
        if order >= 0:
            lines.append(line)
            continue
        if lines:
            found.append(Region(lines, region.left, region.right, region.apart))
        lines = []
        found += tables[-1 - order]
    if lines:
        found.append(Region(lines, region.left, region.right, region.apart))
    return found


def _alone(row: Row) -> list[Row]:
    """Part a table's stand-in from text that shares its line."""
    stand_ins = [segment for segment in row.segments if segment.order < 0]
    others = [segment for segment in row.segments if segment.order >= 0]
    return [Row([segment]) for segment in stand_ins] + ([join_markers(Row(others))] if others else [])


def _has_cells(grid: Grid, segments: Sequence[Segment]) -> bool:
    """Say whether at least one row of a grid has text in two cells: otherwise it frames plain text."""
    filled = {grid.place(segment) for segment in segments if grid.holds(segment)}
    rows = [row for row, _ in filled]
    return any(rows.count(row) > 1 for row in rows)


def _table(grid: Grid, held: Sequence[Segment]) -> list[Region]:
    """Read a ruled table row by row; a row of long texts is read cell by cell instead."""
    regions: list[Region] = []
    for cells in cells_of(grid, held):
        words = sum(len(segment.text.split()) for cell in cells for segment in cell)
        if len(cells) == 1 or words > _LONG_ROW:
            for cell in cells:
                for region in _flow(cell):
                    region.apart = True
                    regions.append(region)
            continue
        texts = [[row.text for row in rows_of(cell)] for cell in cells]
        whole = merge([segment for cell in cells for segment in cell])
        # The cell's own line breaks stay marked until hyphens are resolved.
        line = Line(Row([whole]), cells=["\n".join(text) for text in texts])
        regions.append(Region([line], whole.x0, whole.x1, apart=True))
    return regions


def _flow(segments: Sequence[Segment]) -> list[Region]:
    """Cut at a gutter where one runs between two columns of text; otherwise read row by row."""
    if not segments:
        return []
    rows = [part for row in rows_of(list(segments)) for part in _alone(row)]
    parts = [segment for row in rows for segment in row.segments]
    cut = _gutter(rows, parts)
    if cut is None:
        left, right = min(part.x0 for part in parts), max(part.x1 for part in parts)
        return [Region(_lines(rows), left, right)]
    x, first, last = cut
    before = [part for part in parts if part.baseline < first]
    band = [part for part in parts if first <= part.baseline <= last]
    after = [part for part in parts if part.baseline > last]
    left_side = [part for part in band if part.x1 <= x]
    right_side = [part for part in band if part.x1 > x]
    return _flow(before) + _flow(left_side) + _flow(right_side) + _flow(after)


def _gutter(rows: Sequence[Row], parts: Sequence[Segment]) -> tuple[float, float, float] | None:
    """Find (x, first baseline, last baseline) of the band with most text on both sides of a gutter."""
    if len(parts) < 2 * _COLUMN_ROWS or (
        all(len(row.segments) == 1 for row in rows) and not _overlaps(parts)
    ):
        return None
    left, right = min(part.x0 for part in parts), max(part.x1 for part in parts)
    ordered = sorted(parts, key=lambda part: part.baseline)
    best: tuple[int, float, float, float] | None = None
    width: dict[tuple[float, float, int], list[float]] = {}
    x = left + 0.12 * (right - left)
    while x < right - 0.12 * (right - left):
        band: list[Segment] = []
        for part in [*ordered, None]:
            if part is not None and (part.x1 <= x or part.x0 >= x):
                band.append(part)
                continue
            weight = _weigh(band, x, left, right)
            if weight:
                key = (band[0].baseline, band[-1].baseline, weight)
                width.setdefault(key, []).append(x)
                if best is None or weight > best[0]:
                    best = (weight, x, *key[:2])
            band = []
        x += _STEP
    if best is None:
        return None
    middle = width[best[2], best[3], best[0]]
    return middle[len(middle) // 2], best[2], best[3]


def _overlaps(parts: Sequence[Segment]) -> bool:
    """Say whether any two texts lie side by side though their baselines differ."""
    ordered = sorted(parts, key=lambda part: part.top)
    for number, part in enumerate(ordered):
        for other in ordered[number + 1 : number + 4]:
            beside = other.x0 > part.x1 or other.x1 < part.x0
            if beside and other.top < part.bottom - 0.3 * part.size:
                return True
    return False


def _weigh(band: Sequence[Segment], x: float, left: float, right: float) -> int:
    """Count the characters of a band that is two columns of running text at ``x``; 0 where it is not."""
    if len(band) < 2 * _COLUMN_ROWS:
        return 0
    sides = [[part for part in band if part.x1 <= x], [part for part in band if part.x0 >= x]]
    if len(sides[0]) < _COLUMN_ROWS or len(sides[1]) < _COLUMN_ROWS:
        return 0
    for side, start, end in ((sides[0], left, x), (sides[1], x, right)):
        lines = [merge(row.segments) for row in rows_of(list(side))]
        if len(lines) < _COLUMN_ROWS or median(len(line.text) for line in lines) < _COLUMN_CHARACTERS:
            return 0
        if median(line.x1 - line.x0 for line in lines) < _FILLED * min(
            end - start, max(line.x1 for line in lines) - min(line.x0 for line in lines) + 1
        ):
            return 0
        if sum(len(row.segments) > 1 for row in map(join_markers, rows_of(list(side)))) > 0.5 * len(lines):
            return 0  # cells within the side: a table, or a further gutter to be found first
    spans = [(min(part.top for part in side), max(part.bottom for part in side)) for side in sides]
    together = min(spans[0][1], spans[1][1]) - max(spans[0][0], spans[1][0])
    if together < 0.5 * min(end - start for start, end in spans) or _is_grid(band, x):
        return 0
    return sum(len(part.text) for part in band)


def _is_grid(band: Sequence[Segment], x: float) -> bool:
    """Tell a table of wrapped cells: white strips cross the gutter, and both sides start again together."""
    groups: list[list[Segment]] = []
    reach = -1.0
    for part in sorted(band, key=lambda part: part.top):
        if not groups or part.top > reach + 0.35 * part.size:
            groups.append([])
        groups[-1].append(part)
        reach = max(reach, part.bottom)
    together = 0
    for group in groups:
        tops = [
            min((part.baseline for part in group if (part.x1 <= x) is side), default=None)
            for side in (True, False)
        ]
        together += tops[0] is not None and tops[1] is not None and abs(tops[0] - tops[1]) < 2.5
    return len(groups) >= 3 and together >= 0.7 * len(groups)


def _lines(rows: Sequence[Row]) -> list[Line]:
    """Turn rows into lines: rows whose cells line up with a neighbour's are rows of a table."""
    lines = [Line(row) for row in rows]
    in_table = [False] * len(rows)
    for number, row in enumerate(rows):
        partner = _next_row(rows, number)
        if partner is not None and _line_up(row, rows[partner]):
            in_table[number] = in_table[partner] = True
    found: list[Line] = []
    for number, line in enumerate(lines):
        row = line.row
        if in_table[number]:
            line.cells = [segment.text for segment in row.segments]
            found.append(line)
        elif found and found[-1].cells and number and _wraps(row, rows[number - 1], found[-1]):
            _extend(found[-1], row)
        else:
            found += [Line(part, cells=[]) for part in _parted(row)]
    return found


def _next_row(rows: Sequence[Row], number: int) -> int | None:
    """Find the next row with more than one text, past lines that go on in a cell of this one."""
    row = rows[number]
    if len(row.segments) < 2:
        return None
    starts = [segment.x0 for segment in row.segments]
    for place in range(number + 1, min(number + _CELL_LINES, len(rows))):
        if len(rows[place].segments) > 1:
            return place
        if not any(abs(rows[place].x0 - start) < 4 for start in starts):
            return None
    return None


def _line_up(one: Row, other: Row) -> bool:
    """Say whether two rows share the left or right edge of two cells, one of them not the first."""
    if len(one.segments) < 2 or len(other.segments) < 2 or other.baseline - one.baseline > 6 * one.size:
        return False
    return any(
        min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2) < 4
        for a in one.segments[1:]
        for b in other.segments[1:]
    )


def _wraps(row: Row, above: Row, line: Line) -> bool:
    """Say whether a row goes on with cells of the table row above it, none of them the first."""
    starts = [segment.x0 for segment in line.row.segments[1:]]
    close = row.baseline - above.baseline < 1.6 * row.size
    return close and all(any(abs(part.x0 - start) < 4 for start in starts) for part in row.segments)


def _extend(line: Line, row: Row) -> None:
    for part in row.segments:
        places = [place for place, cell in enumerate(line.row.segments) if abs(cell.x0 - part.x0) < 4]
        line.cells[places[-1]] += "\n" + part.text


def _parted(row: Row) -> list[Row]:
    """Part a lone row where its texts lie far apart and differ in type; otherwise it is one line."""
    if len(row.segments) == 1:
        return [row]
    parts: list[list[Segment]] = [[row.segments[0]]]
    for segment in row.segments[1:]:
        last = parts[-1][-1]
        far = segment.x0 - last.x1 > _CELL_GAP * max(segment.size, last.size)
        differs = abs(segment.bold - last.bold) > 0.4 or abs(segment.size - last.size) > 0.8
        if far and (differs or not MARKER.match(last.text)):
            parts.append([segment])
        else:
            parts[-1].append(segment)
    return [Row([merge(part)]) for part in parts]
