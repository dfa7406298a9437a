"""The collection report: one self-contained HTML page, readable without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from labels.codebook import Codebook, Frame
from pipeline.records import Coding, Document, Evidence, Passage, Profile, Skipped
from pipeline.wording import answer, between, counted, listed, percent, verdict_words

QUOTES_A_FRAME = 3  # in the collection's section
QUOTES_A_DOCUMENT = 2  # a frame, in a document's section
_SCALES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)  # the ends a bar chart's axis may have


@dataclass(frozen=True)
class ReportData:
    """All that the report shows; ``codings`` are in the order of ``passages``."""

    codebook: Codebook
    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    codings: Sequence[Coding]
    profiles: Sequence[Profile]
    skipped: Sequence[Skipped]
    notes: Sequence[str]
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Quote:
    """The sentence that carries a frame, its strongest words marked, and where it stands."""

    text: Markup
    document: str
    place: str
    probability: float
    needs_review: bool


def render_report(data: ReportData) -> str:
    """Render the report; everything from documents is escaped."""
    environment = Environment(
        loader=PackageLoader("pipeline", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, between=between)
    environment.globals.update(counted=counted, listed=listed)
    frames = {f.id: f for f in data.codebook.frames}
    names = {f.id: f.name for f in data.codebook.frames}
    quotes, review = _quotes(data), _review_counts(data)
    collection = next(p for p in data.profiles if p.unit == "collection")
    documents = sorted(
        (p for p in data.profiles if p.unit == "document"), key=lambda p: (p.name.casefold(), p.id)
    )
    template = environment.get_template("report.html.j2")
    return template.render(
        data=data,
        frames=frames,
        collection=collection,
        collection_quotes=_collection_quotes(quotes, data),
        groups=[p for p in data.profiles if p.unit == "group"],
        documents=[
            {
                "profile": p,
                "document": data.documents[p.id],
                "quotes": {f: quotes.get((p.id, f), [])[:QUOTES_A_DOCUMENT] for f in frames},
                "review": review.get(p.id, 0),
            }
            for p in documents
        ],
        answer=lambda p: answer(p, names),
        verdict=lambda p: verdict_words(p, names),
        chart=lambda p: chart(p, frames),
        looks_like=lambda frame: looks_like(frame, data),
    )


def chart(profile: Profile, frames: Mapping[str, Frame]) -> dict[str, Any]:
    """Lay out the bars of a profile: the axis's end and, a frame, where its bar and interval lie (0 to 100)."""
    top = max((s.passages.high for s in profile.frames), default=0.0)
    end = next((scale for scale in _SCALES if top <= scale), 1.0)
    return {
        "end": end,
        "bars": [
            {
                "frame": frames[s.frame],
                "share": s,
                "width": 100 * s.passages.value / end,
                "low": 100 * s.passages.low / end,
                "high": 100 * s.passages.high / end,
            }
            for s in profile.frames
        ],
    }


def looks_like(frame: Frame, data: ReportData) -> str:
    """Say what a frame would look like in the kind of document that most of these are."""
    kinds = [d.kind for d in data.documents.values() if d.kind != "other"]
    kind = max(sorted(set(kinds)), key=kinds.count) if kinds else "program"
    return str(getattr(frame.looks_like, kind, "") or frame.success or frame.definition)


def place_words(passage: Passage) -> str:
    """Write where a passage stands: its pages, then the headings above it."""
    pages = passage.pages
    page = "" if not pages else f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]}–{pages[-1]}"
    return " · ".join(part for part in (page, " › ".join(passage.heading_path)) if part) or (
        f"passage {passage.order + 1}"
    )


def marked(evidence: Evidence) -> Markup:
    """Escape the evidence's sentence and mark its strongest words."""
    text, marks = evidence.sentence, []
    for word in evidence.words:
        at = text.find(word)
        while at >= 0:
            before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
            if not (before.isalnum() or after.isalnum()):
                marks.append((at, at + len(word)))
                break
            at = text.find(word, at + 1)
    out, done = Markup(), 0
    for start, end in sorted(marks):
        if start >= done:
            out += escape(text[done:start]) + Markup("<mark>") + escape(text[start:end]) + Markup("</mark>")
            done = end
    return out + escape(text[done:])


def _quotes(data: ReportData) -> dict[tuple[str, str], list[Quote]]:
    """The quotes of each document and frame, surest first."""
    found: dict[tuple[str, str], list[Quote]] = {}
    for passage, coding in zip(data.passages, data.codings, strict=True):
        for evidence in coding.evidence:
            found.setdefault((passage.document_id, evidence.frame), []).append(
                Quote(
                    marked(evidence),
                    data.documents[passage.document_id].title,
                    place_words(passage),
                    coding.probabilities[evidence.frame],
                    coding.needs_review,
                )
            )
    for quotes in found.values():
        quotes.sort(key=lambda q: -q.probability)
    return found


def _collection_quotes(
    quotes: Mapping[tuple[str, str], Sequence[Quote]], data: ReportData
) -> dict[str, list[Quote]]:
    """The surest quotes of each frame, one a document before any document's second."""
    chosen: dict[str, list[Quote]] = {}
    for frame in data.codebook.frame_ids:
        ranked = sorted(
            ((rank, -q.probability, q.document, q) for (_, f), qs in quotes.items() if f == frame
             for rank, q in enumerate(qs)),
            key=lambda item: item[:3],
        )  # fmt: skip
        once = {item[3].text: item[3] for item in reversed(ranked)}  # awards of one project share sentences
        chosen[frame] = [item[3] for item in ranked if once[item[3].text] is item[3]][:QUOTES_A_FRAME]
    return chosen


def _review_counts(data: ReportData) -> dict[str, int]:
    counts: dict[str, int] = {}
    for passage, coding in zip(data.passages, data.codings, strict=True):
        counts[passage.document_id] = counts.get(passage.document_id, 0) + coding.needs_review
    return counts
