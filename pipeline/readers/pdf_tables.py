"""Ruled tables: the grid that horizontal and vertical lines on a page make, and the text in its cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.readers.pdf_chars import Segment

Box = tuple[float, float, float, float]

_TOUCH = 4.0
"""Points within which two rules meet, or are the same rule drawn twice."""
_MOST_RULES = 2000
"""A page with more lines than this is a drawing."""


@dataclass(slots=True)
class Grid:
    """The lines of one table: ``xs`` and ``ys`` in points, ascending."""

    xs: list[float]
    ys: list[float]

    def holds(self, segment: Segment) -> bool:
        """Say whether a segment's middle lies in the grid."""
        x, y = (segment.x0 + segment.x1) / 2, (segment.top + segment.bottom) / 2
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def place(self, segment: Segment) -> tuple[int, int]:
        """Return the row and column of a segment: its line's middle, and where it starts."""
        middle = (segment.top + segment.bottom) / 2
        return bisect_right(self.ys, middle), bisect_right(self.xs, segment.x0 + 1)


def find_grids(rules: Sequence[Box], width: float) -> list[Grid]:
    """Find grids of two or more columns among the ruled lines of a page."""
    rules = [rule for rule in dict.fromkeys(rules) if max(rule[2] - rule[0], rule[3] - rule[1]) > 6]
    if len(rules) > _MOST_RULES:
        return []
    groups: list[list[Box]] = []
    for rule in rules:
        touching = [group for group in groups if any(_meet(rule, other) for other in group)]
        merged = [rule, *(other for group in touching for other in group)]
        groups = [group for group in groups if not any(group is other for other in touching)]
        groups.append(merged)
    grids = []
    for group in groups:
        flat = [rule for rule in group if rule[3] - rule[1] <= 3]
        upright = [rule for rule in group if rule[2] - rule[0] <= 3 and rule not in flat]
        ys = _distinct(
            [(rule[1] + rule[3]) / 2 for rule in flat] + [end for rule in upright for end in rule[1::2]]
        )
        xs = _distinct(
            [(rule[0] + rule[2]) / 2 for rule in upright] + [end for rule in flat for end in rule[::2]]
        )
        inner = [
            x for x in _distinct([(rule[0] + rule[2]) / 2 for rule in upright]) if xs[0] + 8 < x < xs[-1] - 8
        ]
        if inner and len(ys) >= 2 and xs[-1] - xs[0] > 0.2 * width:
            edges = [xs[0], *inner, xs[-1]]
            grids.append(Grid(edges, ys))
    return grids


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + _TOUCH
        and other[0] <= one[2] + _TOUCH
        and one[1] <= other[3] + _TOUCH
        and other[1] <= one[3] + _TOUCH
    )


def _distinct(values: Sequence[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOUCH:
            found.append(value)
    return found


def cells_of(grid: Grid, held: Sequence[Segment]) -> list[list[list[Segment]]]:
    """Return the table's rows from top to bottom, each a list of its filled cells from left to right."""
    places: dict[tuple[int, int], list[Segment]] = {}
    for segment in held:
        places.setdefault(grid.place(segment), []).append(segment)
    rows = sorted({row for row, _ in places})
    return [[places[place] for place in sorted(places) if place[0] == row] for row in rows]
