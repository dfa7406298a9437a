"""What a document's page shows: its passages in reading order, and where in it each frame lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup

from pipeline.quality import POOR_SURENESS
from pipeline.records import Coding, Passage
from pipeline.report.charts import Drawn
from pipeline.report.text import heading_words, page_words, shown, underlined
from pipeline.wording import certainty

MOST_SECTIONS = 45  # of the strip: at 360 pixels a section is still 6 wide
SLICES = 20  # into which a document without useful headings is cut
SLICE_PASSAGES = 4  # at least, in a slice
Row = tuple[Passage, Coding]
_HEAT = ((0.5, 4), (0.25, 3), (0.1, 2), (0.02, 1))  # least share of a section's passages, shade
_STRIP = 1000  # width of the strip's own units
_THINNEST, _WIDEST = 1.6, 4.0  # of a coded passage's line, in these units
_TOP_LEVEL, _LOWEST_LEVEL = 3, 6  # of a document's headings on the page, below the page's own


@dataclass(frozen=True)
class Probability:
    """One frame's probability in a passage, in words and as a number."""

    frame: Drawn
    value: float
    words: str


@dataclass(frozen=True)
class PassageView:
    """A passage as the page shows it; ``headings`` are those that begin right before it."""

    number: int
    id: str
    text: Markup
    lead_in: str
    page: str
    heading: str
    headings: tuple[tuple[int, str], ...]
    coded: tuple[Probability, ...]
    probabilities: tuple[Probability, ...]
    needs_review: bool
    sureness: float | None

    @property
    def poorly_read(self) -> bool:
        """Whether text recognition was so unsure of the passage that it may say something else."""
        return self.sureness is not None and self.sureness < POOR_SURENESS

    @property
    def anchor(self) -> str:
        """The passage's deep link, without the #."""
        return anchor(self.number)

    @property
    def data(self) -> str:
        """The probabilities in whole per cent, for the filters."""
        return " ".join(f"{100 * p.value:.0f}" for p in self.probabilities)


@dataclass(frozen=True)
class Section:
    """A stretch of passages: its name, its first passage, and a frame, share and coded passages."""

    name: str
    anchor: str
    passages: int
    left: float
    width: float
    shares: tuple[float, ...]
    coded: tuple[int, ...]

    @property
    def heat(self) -> tuple[int, ...]:
        """The shade of each frame, 0 to 4."""
        return tuple(next((h for least, h in _HEAT if s >= least), 0) for s in self.shares)


@dataclass(frozen=True)
class Strip:
    """The sections and, a frame, an SVG path of the passages coded with it."""

    sections: tuple[Section, ...]
    by_headings: bool
    ticks: tuple[str, ...]


def anchor(number: int) -> str:
    """Return a passage's deep link: ``p-017``."""
    return f"p-{number:03d}"


def passage_views(rows: Sequence[Row], drawn: Mapping[str, Drawn]) -> list[PassageView]:
    """Lay out a document's passages in reading order."""
    numbers = {f: d.number for f, d in drawn.items()}
    views: list[PassageView] = []
    above: tuple[str, ...] = ()
    for passage, coding in rows:
        probabilities = tuple(
            Probability(d, coding.probabilities[f], certainty(coding.probabilities[f]))
            for f, d in drawn.items()
        )
        first = [p for p in probabilities if p.frame.frame.id == coding.primary]
        coded = [p for p in probabilities if p.frame.frame.id in coding.frames and p not in first]
        views.append(
            PassageView(
                number=passage.order + 1,
                id=passage.id,
                text=underlined(passage.text, coding.evidence, numbers),
                lead_in=shown(passage.lead_in),
                page=page_words(passage),
                heading=heading_words(passage),
                headings=new_headings(above, passage.heading_path),
                coded=(*first, *coded) if coding.frames else (),
                probabilities=probabilities,
                needs_review=coding.needs_review,
                sureness=passage.sureness,
            )
        )
        above = passage.heading_path
    return views


def new_headings(above: Sequence[str], path: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Return the headings of ``path`` that are not those of ``above``: level on the page, and words."""
    same = 0
    while same < min(len(above), len(path)) and above[same] == path[same]:
        same += 1
    if same == len(path) and len(above) > len(path):
        same = max(0, len(path) - 1)  # back under a heading already left: say again which
    return tuple(
        (min(_TOP_LEVEL + depth, _LOWEST_LEVEL), shown(words))
        for depth, words in enumerate(path[same:], same)
        if shown(words).strip()
    )


def strip(rows: Sequence[Row], frames: Sequence[str]) -> Strip | None:
    """Cut a document into sections; None where it is too short to have any."""
    named = by_headings(rows)
    parts = named or by_position(rows)
    if len(parts) < 2:
        return None
    sections, done = [], 0
    for name, members in parts:
        sections.append(
            Section(
                name=name,
                anchor=anchor(members[0][0].order + 1),
                passages=len(members),
                left=_STRIP * done / len(rows),
                width=_STRIP * len(members) / len(rows),
                shares=tuple(sum(c.probabilities[f] for _, c in members) / len(members) for f in frames),
                coded=tuple(sum(f in c.frames for _, c in members) for f in frames),
            )
        )
        done += len(members)
    ticks = tuple(_ticks([f in c.frames for _, c in rows]) for f in frames)
    return Strip(tuple(sections), bool(named), ticks)


def by_headings(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Cut at the headings of the deepest level that gives no more than ``MOST_SECTIONS`` sections."""
    deepest = max((len(p.heading_path) for p, _ in rows), default=0)
    for depth in range(deepest, 0, -1):
        paths = [p.heading_path[:depth] for p, _ in rows]
        parts = [
            (path, [row for _, row in members])
            for path, members in groupby(zip(paths, rows, strict=True), itemgetter(0))
        ]
        if 2 <= len(parts) <= MOST_SECTIONS:
            # The title above everything says nothing of a section
            shared = (
                1 if len({path[:1] for path, _ in parts}) == 1 and all(len(p) > 1 for p, _ in parts) else 0
            )
            return [
                (shown(" › ".join(path[shared:])).strip() or "(no heading)", members)
                for path, members in parts
            ]
    return []


def by_position(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Cut into slices of like length, named by their pages or their passages."""
    slices = min(SLICES, len(rows) // SLICE_PASSAGES)
    parts = []
    for i in range(slices):
        members = list(rows[len(rows) * i // slices : len(rows) * (i + 1) // slices])
        first, last = members[0][0], members[-1][0]
        pages = (*first.pages, *last.pages)
        name = (
            f"{'Page' if pages[0] == pages[-1] else 'Pages'} {span(pages[0], pages[-1])}"
            if pages
            else f"Passages {span(first.order + 1, last.order + 1)}"
        )
        parts.append((name, members))
    return parts


def span(first: int, last: int) -> str:
    """Write a range of numbers: one number, or two with a dash."""
    return str(first) if first == last else f"{first}–{last}"


def _ticks(coded: Sequence[bool]) -> str:
    """Return an SVG path with a thin bar in the middle of each coded passage's place."""
    unit = _STRIP / max(1, len(coded))
    wide = min(max(0.6 * unit, _THINNEST), _WIDEST)
    return "".join(
        f"M{(i + 0.5) * unit - wide / 2:.1f} 0h{wide:.1f}v1h-{wide:.1f}z"
        for i, is_coded in enumerate(coded)
        if is_coded
    )
