"""What the collection's page shows: its documents, its groups, quotes and what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from markupsafe import Markup

from labels.codebook import Frame
from pipeline.frame_profile import NO_FRAME, TOO_LITTLE
from pipeline.records import Coding, Evidence, Passage, Share
from pipeline.report.charts import Drawn
from pipeline.report.document import anchor
from pipeline.report.groups import Comparison, Grouping
from pipeline.report.run import Run, RunDocument
from pipeline.report.text import marked_sentence, place_words, shown
from pipeline.wording import certainty, difference_range, difference_words, percent

QUOTES_A_FRAME = 3
ROWS_UP_TO = 2000  # documents in the table and with a page of their own: 100 KB a page are 200 MB
MOST_COLUMNS = 3  # of the manifest, in the table of documents
LONGEST_VALUE = 32  # characters, of a column shown in the table
_KINDS = {"curriculum": "a curriculum", "policy": "a policy", "program": "a program description"}


@dataclass(frozen=True)
class Quote:
    """The sentence that carries a frame, its strongest words marked, and where it stands."""

    text: Markup
    document: str
    link: str
    place: str
    probability: float
    certainty: str
    needs_review: bool


def page_of(document_id: str) -> str:
    """Where a document's page lies, from the collection's."""
    return f"reports/{document_id}.html"


def quotes(run: Run) -> dict[str, list[Quote]]:
    """The surest quotes of each frame, one a document before any document's second, none twice."""
    paged = {d.id for d in run.documents[:ROWS_UP_TO]}
    by_id = {d.id: (place, d) for place, d in enumerate(run.documents)}
    best: dict[str, dict[str, _Found]] = {f: {} for f in run.codebook.frame_ids}
    for document_id, rows in run.passages.each(framed=True):
        place, document = by_id[document_id]
        own: dict[str, list[tuple[Passage, Coding, Evidence]]] = {}
        for passage, coding in rows:
            for evidence in coding.evidence:
                own.setdefault(evidence.frame, []).append((passage, coding, evidence))
        for frame, said in own.items():
            surest = nlargest(QUOTES_A_FRAME, said, key=lambda item: item[1].probabilities[item[2].frame])
            for rank, (p, c, e) in enumerate(surest):
                _take(best[frame], _Found((rank, -c.probabilities[frame], place), document, p, c, e))
    return {
        frame: [_quote(item, paged) for item in sorted(found.values(), key=lambda item: item.rank)]
        for frame, found in best.items()
    }


def _take(best: dict[str, _Found], item: _Found) -> None:
    """Keep the best few by sentence: awards of one project share sentences."""
    sentence = item.evidence.sentence
    if sentence in best:
        best[sentence] = min(best[sentence], item, key=lambda one: one.rank)
        return
    best[sentence] = item
    if len(best) > QUOTES_A_FRAME:
        del best[max(best, key=lambda said: best[said].rank)]


@dataclass(frozen=True)
class _Found:
    """A sentence that may be quoted, and the order in which it comes up."""

    rank: tuple[int, float, int]
    document: RunDocument
    passage: Passage
    coding: Coding
    evidence: Evidence


def _quote(found: _Found, paged: set[str]) -> Quote:
    document, passage, coding = found.document, found.passage, found.coding
    probability = coding.probabilities[found.evidence.frame]
    return Quote(
        marked_sentence(found.evidence),
        shown(document.name),
        f"{page_of(document.id)}#{anchor(passage.order + 1)}" if document.id in paged else "",
        place_words(passage, document.name),
        probability,
        certainty(probability),
        coding.needs_review,
    )


def looks_like(frame: Frame, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Say what a frame looks like in each of these kinds of document: (in what, what)."""
    said = [(_KINDS[k], getattr(frame.looks_like, k)) for k in _KINDS if k in kinds]
    said = [(where, what) for where, what in said if what]
    if not said:  # the kind is not known: any will do as an example
        said = [(where, getattr(frame.looks_like, k)) for k, where in _KINDS.items()]
        said = [(where, what) for where, what in said if what]
    return said or [("a document", frame.success or frame.definition)]


def hardly_there(documents: Sequence[RunDocument], frames: Sequence[str]) -> dict[str, Any]:
    """Count the documents with enough text to say, and a frame those in which it is hardly there."""
    enough = [d.profile for d in documents if d.profile.verdict != TOO_LITTLE]
    return {
        "documents": len(enough),
        "frames": {f: sum(p.verdict == NO_FRAME or f in p.not_foregrounded for p in enough) for f in frames},
    }


def table_columns(documents: Sequence[RunDocument]) -> list[str]:
    """Choose the columns for the table of documents: short, not the same everywhere, no running numbers."""
    columns = dict.fromkeys(c for d in documents for c in d.metadata)
    chosen = []
    for column in columns:
        given = [d.metadata[column] for d in documents if d.metadata.get(column)]
        differ = len({d.metadata.get(column, "") for d in documents}) > 1
        number_of_its_own = len(given) > MOST_COLUMNS and len(set(given)) == len(given)
        if differ and not number_of_its_own and max(map(len, given)) <= LONGEST_VALUE:
            chosen.append(column)
    return chosen[:MOST_COLUMNS]


@dataclass(frozen=True)
class ChangeRow:
    """A frame's change in words and, in per cent of the picture's width, where its interval lies."""

    frame: Drawn
    before: str
    after: str
    words: str
    range: str
    low: float
    value: float
    high: float

    @property
    def cells(self) -> list[Any]:
        """What the page's chooser puts into the row."""
        return [self.before, self.after, self.words, self.range, self.low, self.value, self.high]


def change_rows(comparison: Comparison, drawn: Mapping[str, Drawn], reach: float) -> list[ChangeRow]:
    """Lay out a comparison on an axis from ``-reach`` to ``reach``."""

    def at(value: float) -> float:
        return round(50 + 50 * max(-1.0, min(1.0, value / reach)), 1)

    return [
        ChangeRow(
            drawn[c.frame],
            percent(c.before),
            percent(c.after),
            difference_words(c.difference),
            difference_range(c.difference),
            at(c.difference.low),
            at(c.difference.value),
            at(c.difference.high),
        )
        for c in comparison.changes
    ]


def reach(comparisons: Sequence[Comparison]) -> float:
    """Return the end of the axis of changes: the smallest round one that holds every interval."""
    intervals: list[Share] = [c.difference for comparison in comparisons for c in comparison.changes]
    widest = max((max(abs(d.low), abs(d.high)) for d in intervals), default=0.0)
    return next((end for end in (0.05, 0.1, 0.2, 0.3, 0.5, 0.75) if widest <= end), 1.0)


def chooser(grouping: Grouping, drawn: Mapping[str, Drawn]) -> dict[str, Any]:
    """Return every pair of groups for the page's chooser, as plain data."""
    end = reach(grouping.comparisons)
    return {
        "pairs": {
            f"{c.before}-{c.after}": [row.cells for row in change_rows(c, drawn, end)]
            for c in grouping.comparisons
        }
    }
