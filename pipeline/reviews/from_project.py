"""People's codings from a REFI-QDA project: any coded words that lie over a passage of the run."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labels.codebook import NO_FRAME
from pipeline.exports.align import Haystack, Letters, Match, covered, letters
from pipeline.exports.refi import LONGEST_NAME, NO_FRAME_CODE, PROGRAM, REVIEW_CODE, frame_guid, source_guid
from pipeline.exports.safe import one_line, printable
from pipeline.reviews.project_file import Code, Coded, ProjectFile, Source, read_project
from pipeline.reviews.records import NOBODY, FrameNames, HumanCoding, Imported, PrimaryBy, RunPassage

_SAME_TEXT = 0.5  # of a source's words must be a document's for the two to be the same text
_REVIEW = "needs review"


@dataclass(slots=True)
class _OnPassage:
    """What one coder coded on one passage: per frame how many letters, and where it first begins."""

    extent: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    comments: dict[str, None] = field(default_factory=dict)
    selections: int = 0


class _Document:
    """A document's passages as one text of letters, with the places where each begins."""

    def __init__(self, passages: Sequence[RunPassage]) -> None:
        self.passages = passages
        self.taken = False  # a source has been found to be this document
        self.starts: list[int] = []
        folded: list[str] = []
        self.length = 0
        for passage in passages:
            own = letters(passage.text).folded
            self.starts.append(self.length)
            folded.append(own)
            self.length += len(own)
        self.haystack = Haystack("".join(folded))

    def is_named(self, name: str) -> bool:
        """Say whether a source's name is the document's title or holds its path."""
        passage = self.passages[0]
        return name == one_line(passage.document, LONGEST_NAME) or one_line(passage.path, 80) in name

    def in_place(self, text: Letters) -> Iterable[Match]:
        """Yield where the passages' letters stand in the document's whole text."""
        for passage, begin in zip(self.passages, self.starts, strict=True):
            first, last = _range(text.places, passage.start, passage.end)
            yield Match(first, begin, last - first)

    def touched(self, start: int, end: int) -> Iterable[tuple[RunPassage, int, int]]:
        """Yield the passages that letters ``start`` to ``end`` lie over: how many letters, from which on."""
        for passage, begin, stop in zip(
            self.passages, self.starts, [*self.starts[1:], self.length], strict=True
        ):
            inside = min(end, stop) - max(start, begin)
            if inside > 0:
                yield passage, inside, max(start, begin) - begin


def read_qdpx(
    path: Path, passages: Sequence[RunPassage], names: FrameNames, *, coder: str | None = None
) -> Imported:
    """Read a project that people coded in NVivo, ATLAS.ti, MAXQDA, QualCoder or another program.

    A text need not be the run's own export: it is matched to a document by its words, and each
    selection by the words it covers. Codes are matched by GUID, by a frame's id or name, or by the
    code above them. The program's own codings are left out. A passage that nobody coded is not
    reviewed; one with the code "No frame" has no frame.
    """
    project = read_project(path)
    imported = Imported()
    of: dict[str, list[RunPassage]] = defaultdict(list)
    for passage in passages:
        of[passage.document_id].append(passage)
    documents = {id_: _Document(sorted(group, key=lambda p: p.order)) for id_, group in of.items()}
    frames, strange = _frames_of(project.codes.values(), names)
    _say_strange(project, strange, imported)
    on: dict[tuple[str, str], _OnPassage] = defaultdict(_OnPassage)
    own = 0
    for source in project.sources:
        by_people = [c for c in source.codings if c.coder != PROGRAM]
        own += len(source.codings) - len(by_people)
        wanted = [c for c in by_people if frames.get(c.code, _REVIEW) != _REVIEW]
        _say_regions(source, imported)
        if wanted:
            _match(source, wanted, frames, documents, on, coder, imported)
    unsure = sum(
        frames.get(c.code) == _REVIEW and c.coder != PROGRAM for s in project.sources for c in s.codings
    )
    if unsure:
        imported.notes.append(
            f"{_count(unsure, '1 coding', '{:,} codings')} with '{REVIEW_CODE}' say nothing of frames"
        )
    if own:
        imported.notes.append(f"{own:,} codings are the program's own and were left out")
    by_id = {p.id: p for p in passages}
    for (passage_id, who), found in on.items():
        _decide(by_id[passage_id], who, found, names, path, imported)
    _warn_of_copies(imported.codings, by_id, own, imported)
    return imported


def _frames_of(codes: Iterable[Code], names: FrameNames) -> tuple[dict[str, str], dict[str, Code]]:
    """Map codes to frame ids, ``none`` or ``needs review``; the second part is what means none of these."""
    book = names.codebook
    known = {frame_guid(book, key): key for key in (*book.frame_ids, NO_FRAME, _REVIEW)}
    codes = list(codes)
    direct: dict[str, str] = {}
    for code in codes:
        name = _REVIEW if code.name.strip().casefold() == REVIEW_CODE.casefold() else names.find(code.name)
        meant = known.get(code.guid) or name
        if code.name.strip().casefold() == NO_FRAME_CODE.casefold():
            meant = NO_FRAME
        if meant:
            direct[code.guid] = meant
    frames, strange = dict(direct), {}
    for code in codes:
        if code.guid not in direct:
            above = next((direct[g] for g in code.above if g in direct), None)
            if above:
                frames[code.guid] = above
            else:
                strange[code.guid] = code
    return frames, strange


def _say_strange(project: ProjectFile, strange: Mapping[str, Code], imported: Imported) -> None:
    counts = Counter(c.code for s in project.sources for c in s.codings if c.coder != PROGRAM)
    for guid, count in sorted(counts.items(), key=lambda item: -item[1]):
        if guid in strange or guid not in project.codes:
            name = project.codes[guid].name if guid in project.codes else guid or "(no code)"
            imported.refuse(
                f"code '{name}'", f"{_count(count, '1 coding', '{:,} codings')} with a code that is no frame",
                "Put the code under a frame's code, or give it a frame's name, and export again",
            )  # fmt: skip


def _say_regions(source: Source, imported: Imported) -> None:
    if source.regions:
        imported.refuse(
            f"source '{source.name}'",
            f"{_count(source.regions, '1 coding', '{:,} codings')} of a page region, picture or time, without words",
            "Code the words themselves",
        )
    if source.whole:
        imported.refuse(
            f"source '{source.name}'",
            f"{_count(source.whole, '1 coding', '{:,} codings')} of the whole source and of no passage",
            "Code the passages that carry the frame",
        )


def _match(
    source: Source,
    codings: Sequence[Coded],
    frames: Mapping[str, str],
    documents: Mapping[str, _Document],
    on: dict[tuple[str, str], _OnPassage],
    coder: str | None,
    imported: Imported,
) -> None:
    """Lay a source's codings onto passages, by the words they cover."""
    count = _count(len(codings), "1 coding", "{:,} codings")
    where = f"source '{source.name}'"
    if source.text is None:
        imported.refuse(
            where, f"{count} in a source whose text is not in the file", "Export with the sources included"
        )
        return
    text = letters(printable(source.text))
    document, matches = _document_of(source, text, documents)
    if document is None:
        imported.refuse(
            where, f"{count} in a text that is no document of this run", "Give the run of these documents"
        )
        return
    for coded in codings:
        first, last = _range(text.places, coded.start, coded.end)
        touched: list[tuple[RunPassage, int, int]] = []
        for match in matches:
            a, b = max(first, match.start), min(last, match.start + match.length)
            if a < b:
                shift = match.found - match.start
                touched += document.touched(a + shift, b + shift)
        if not touched:
            quote = " ".join(source.text[coded.start : coded.end].split())
            quote = quote if len(quote) <= 60 else quote[:59] + "…"
            imported.refuse(
                where, f"a coding at {coded.start} lies over no passage: “{quote}”",
                "Headings and short lines are no passages; code the text beneath",
            )  # fmt: skip
        frame = frames[coded.code]
        for passage, extent, begin in touched:
            found = on[passage.id, coded.coder or coder or NOBODY]
            found.extent[frame] += extent
            found.first[frame] = min(begin, found.first.get(frame, begin))
            found.selections += 1
            if coded.comment:
                found.comments[coded.comment] = None


def _range(places: Sequence[int], start: int, end: int) -> tuple[int, int]:
    return bisect_left(places, start), bisect_left(places, end)


def _document_of(
    source: Source, text: Letters, documents: Mapping[str, _Document]
) -> tuple[_Document | None, list[Match]]:
    """Find the document a source is: by its GUID, by its whole text, else the one that shares most words.

    Documents may share a text (one abstract of a joint project stands in several rows): then the
    source's name decides, then which of them no other source has been.
    """
    own = next((d for id_, d in documents.items() if source_guid(id_) == source.guid), None)
    candidates = (
        [own] if own else sorted(documents.values(), key=lambda d: (not d.is_named(source.name), d.taken))
    )
    said = printable(source.text or "")
    for document in candidates:
        if all(said[p.start : p.end] == p.text for p in document.passages):
            document.taken = True
            return document, list(document.in_place(text))
    best: tuple[float, _Document | None, list[Match]] = (0.0, None, [])
    likely = [d for d in candidates if d.length and (own is not None or _may_be(d, text.folded))]
    haystack = Haystack(text.folded if likely else "")
    for document in likely:
        # The document's words are looked for in the source, so that its order leads.
        found = haystack.align(document.haystack.folded)
        share = covered(found, document.haystack.folded)
        if share > best[0]:
            best = (share, document, [Match(m.found, m.start, m.length) for m in found])
    if best[1] is None or best[0] < _SAME_TEXT:
        return None, []
    best[1].taken = True
    return best[1], best[2]


def _may_be(document: _Document, folded: str) -> bool:
    """Say, before the words are aligned one by one, whether a document may be in a text at all."""
    probes = [document.haystack.folded[at : at + 40] for at in document.starts]
    probes = probes[:: max(1, len(probes) // 12)]
    return sum(probe in folded for probe in probes) * 4 >= len(probes)


def _decide(
    passage: RunPassage, who: str, found: _OnPassage, names: FrameNames, path: Path, imported: Imported
) -> None:
    """Turn what a coder coded on a passage into one coding."""
    real = [f for f in found.extent if f != NO_FRAME]
    if real and NO_FRAME in found.extent:
        imported.refuse(
            f"passage {passage.id}",
            f"{who} coded it both '{NO_FRAME_CODE}' and with a frame",
            "Keep one of the two",
        )
        return
    primary, how = _primary(real, found, names)
    imported.codings.append(
        HumanCoding(
            passage_id=passage.id,
            coder=who,
            frames=names.codebook.order(real),
            primary=primary,
            primary_by=how,
            comment="\n".join(found.comments),
            source=f"{path.name}, {_count(found.selections, '1 selection', '{:,} selections')}",
        )
    )


def _primary(
    real: Sequence[str], found: _OnPassage, names: FrameNames
) -> tuple[str | None, PrimaryBy | None]:
    """Projects know no primary code: take the frame on most of the passage, then the one that begins first."""
    if len(real) < 2:
        return (real[0], "only frame") if real else (None, None)
    ids = names.codebook.frame_ids
    ranked = sorted(real, key=lambda f: (-found.extent[f], found.first[f], ids.index(f)))
    first, second = ranked[:2]
    if found.extent[first] != found.extent[second]:
        return first, "extent"
    return first, "order" if found.first[first] != found.first[second] else "codebook"


def _warn_of_copies(
    codings: Sequence[HumanCoding], by_id: Mapping[str, RunPassage], own: int, imported: Imported
) -> None:
    """Some programs give every coding they import to the person who imports it: say so where it looks like that."""
    framed = [c for c in codings if c.frames]
    same = [c for c in framed if c.frames == by_id[c.passage_id].frames]
    if own == 0 and len(framed) >= 10 and len(same) == len(framed):
        imported.notes.append(
            "all codings are the same as the program's, and the file does not say which are the program's: "
            "if the program that wrote it gave them to its user, they are not a person's codings"
        )


def _count(number: int, one: str, many: str) -> str:
    return one if number == 1 else many.format(number)
