"""Rows: the segments that share a line across the whole page, top to bottom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.readers.pdf_chars import Segment
from pipeline.records import mean_sureness

_BULLETS = "•◦▪▫■□●○◆◇‣\u2043∙·➢➤►▶✓✔✗❖★"
MARKER = re.compile(
    rf"""^(?P<bullet>[{_BULLETS}*\u2013\u2014-]|o(?=\s+[A-Z"“(]))(?P<gap>\s+|$)
    |^(?P<lone>[{_BULLETS}])(?=[^\W_])
    |^(?P<label>\(?(?:\d{{1,3}}(?:\.\d{{1,2}}){{0,3}}|[A-Za-z]|[ivxIVX]{{2,5}})[.)]{{1,2}}
        |\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}|\((?:\d{{1,3}}|[A-Za-z]{{1,2}}|[ivxIVX]{{2,5}})\))(?P<space>\s+|$)""",
    re.VERBOSE,
)
"""A list marker at the start of a line: a bullet, or a label such as ``1.``, ``2.3``, ``(a)``, ``iv)``."""


@dataclass(slots=True)
class Row:
    """Segments on one line of the page, left to right."""

    segments: list[Segment]

    @property
    def text(self) -> str:
        """Return the segments' texts with a space between."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def x0(self) -> float:
        """Return the left end in points."""
        return self.segments[0].x0

    @property
    def x1(self) -> float:
        """Return the right end in points."""
        return max(segment.x1 for segment in self.segments)

    @property
    def top(self) -> float:
        """Return the upper edge in points from the page's top."""
        return min(segment.top for segment in self.segments)

    @property
    def bottom(self) -> float:
        """Return the lower edge in points from the page's top."""
        return max(segment.bottom for segment in self.segments)

    @property
    def baseline(self) -> float:
        """Return the baseline of the main segment."""
        return self.main.baseline

    @property
    def main(self) -> Segment:
        """The segment with the most text, which gives the row its type."""
        return max(self.segments, key=lambda segment: len(segment.text))

    @property
    def size(self) -> float:
        """Return the font size of the main segment in points."""
        return self.main.size

    @property
    def sureness(self) -> float | None:
        """Return how surely OCR read the row, or None where it did not."""
        return mean_sureness([(segment.sureness, len(segment.text)) for segment in self.segments])

    def share(self, style: Literal["bold", "italic"]) -> float:
        """Return the share of the row's characters in ``bold`` or ``italic``."""
        total = sum(len(segment.text) for segment in self.segments)
        styled = sum(
            (segment.bold if style == "bold" else segment.italic) * len(segment.text)
            for segment in self.segments
        )
        return styled / max(total, 1)


def rows_of(segments: list[Segment]) -> list[Row]:
    """Gather segments whose baselines agree, or whose boxes overlap by most of their height, into rows."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda found: (found.baseline, found.x0)):
        if rows and any(_level(segment, other) for other in rows[-1]):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [Row(sorted(row, key=lambda segment: segment.x0)) for row in rows]


def _level(one: Segment, other: Segment) -> bool:
    if abs(one.baseline - other.baseline) <= 0.2 * min(one.size, other.size):
        return True
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    apart = one.x0 >= other.x1 - 1 or one.x1 <= other.x0 + 1
    return apart and overlap > 0.7 * min(one.bottom - one.top, other.bottom - other.top)


def join_markers(row: Row) -> Row:
    """Put a list marker that stands apart (``1.`` and a tab) back before its text."""
    segments = list(row.segments)
    joined: list[Segment] = []
    while segments:
        segment = segments.pop(0)
        marker = MARKER.match(segment.text)
        if (
            marker
            and marker.end() == len(segment.text)
            and segments
            and segments[0].x0 - segment.x1 < 5 * segment.size
        ):
            joined.append(merge([segment, segments.pop(0)]))
        else:
            joined.append(segment)
    return Row(joined)


def merge(segments: list[Segment]) -> Segment:
    """Make one segment of several on a line, a space between each."""
    if len(segments) == 1:
        return segments[0]
    row = Row(segments)
    main = row.main
    return Segment(
        text=row.text,
        x0=row.x0,
        x1=row.x1,
        top=row.top,
        bottom=row.bottom,
        baseline=main.baseline,
        size=main.size,
        bold=row.share("bold"),
        italic=row.share("italic"),
        order=min(segment.order for segment in segments),
        sureness=row.sureness,
    )
