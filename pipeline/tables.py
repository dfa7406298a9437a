"""The run's tables: one row a document and frame, one row a passage, one row a skipped file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from pipeline.manifest import metadata_columns
from pipeline.records import Coding, Document, Evidence, Passage, Profile, Share, Skipped
from pipeline.stored import PROFILE
from pipeline.write import Column, Table

DIGITS = 6  # of every share and probability: what follows is noise of the processor's arithmetic
PAGE_MARK, PATH_MARK, LIST_MARK = "; ", " > ", "; "


def _interval(name: str) -> tuple[Column, ...]:
    return tuple(Column(f"{name}{end}", "number") for end in ("", "_low", "_high"))


_DOCUMENT = (Column("document_id"), Column("title"), Column("path"), Column("kind"))
_GROUP = (Column("unit"), Column("id"), Column("name"), Column("documents", "whole number"))
_PROFILE = (
    Column("passages", "whole number"),
    Column("words", "whole number"),
    Column("verdict"),
    *_interval("any_frame"),
    Column("frame"),
    Column("frame_name"),
    *_interval("share_of_passages"),
    *_interval("share_of_words"),
    *_interval("share_of_framed_passages"),
    Column("leading", "true or false"),
    Column("not_foregrounded", "true or false"),
)
_PLACE = (
    Column("passage_id"),
    Column("document_id"),
    Column("document"),
    Column("path"),
    Column("order", "whole number"),
    Column("pages"),
    Column("heading_path"),
    Column("start", "whole number"),
    Column("end", "whole number"),
    Column("words", "whole number"),
    Column("read_sureness", "number"),
    Column("lead_in"),
    Column("text"),
)
_CODING = (Column("frames"), Column("primary"), Column("needs_review", "true or false"), Column("evidence"))


def profile_table(
    profiles: Iterable[Profile],
    names: Mapping[str, str],
    documents: Mapping[str, Document] | None = None,
) -> Table:
    """Return one row a profile and frame; ``names`` maps frame ids to their full names.

    With ``documents`` (by id) the profiles are theirs, and the table says what is known of each;
    without, they are those of groups.
    """
    own = metadata_columns(d.metadata for d in (documents or {}).values())
    about = _DOCUMENT if documents is not None else _GROUP
    # A column of the manifest's that has the name of one of ours: ours stands, at its own place.
    own = tuple(c for c in own if c not in {a.name for a in (*about, *_PROFILE)})
    columns = (*about, *(Column(c) for c in own), *_PROFILE)
    return Table(columns, _profile_rows(profiles, names, documents, own))


def _profile_rows(
    profiles: Iterable[Profile],
    names: Mapping[str, str],
    documents: Mapping[str, Document] | None,
    own: Sequence[str],
) -> Iterator[tuple[Any, ...]]:
    for p in profiles:
        if documents is None:
            about: tuple[Any, ...] = (p.unit, p.id, p.name, p.documents)
        else:
            d = documents[p.id]
            about = (p.id, p.name, d.path, d.kind, *(d.metadata.get(c, "") for c in own))
        about = (*about, p.passages, p.words, p.verdict, *_share(p.any_frame))
        for s in p.frames:
            shares = (*_share(s.passages), *_share(s.words), *_share(s.framed))
            yield (
                *about, s.frame, names[s.frame], *shares, s.frame in p.leading, s.frame in p.not_foregrounded,
            )  # fmt: skip


def passage_table(
    coded: Iterable[tuple[Document, Sequence[tuple[Passage, Coding]]]], frames: Sequence[str]
) -> Table:
    """Return one row a passage with its place, its probabilities and its coding."""
    probabilities = [Column(f"p_{name}", "number") for name in (*frames, "any_frame")]
    columns = (*_PLACE, *probabilities, *_CODING)
    return Table(columns, (_passage_row(d, p, c, frames) for d, own in coded for p, c in own))


def _passage_row(document: Document, p: Passage, c: Coding, frames: Sequence[str]) -> tuple[Any, ...]:
    evidence = to_json(c.evidence).decode("utf-8") if c.evidence else ""
    return (
        p.id,
        p.document_id,
        document.title,
        document.path,
        p.order,
        PAGE_MARK.join(map(str, p.pages)),
        PATH_MARK.join(p.heading_path),
        p.start,
        p.end,
        p.word_count,
        None if p.sureness is None else round(p.sureness, DIGITS),
        p.lead_in,
        p.text,
        *(round(c.probabilities[f], DIGITS) for f in frames),
        round(c.any_frame, DIGITS),
        LIST_MARK.join(c.frames),
        c.primary or "none",
        c.needs_review,
        evidence,
    )


def skipped_table(skipped: Iterable[Skipped]) -> Table:
    """Return one row a file or row that was not read: path, reason, what to do."""
    columns = (Column("path"), Column("reason"), Column("what_to_do"))
    return Table(columns, ((s.path, s.found, s.remedy) for s in skipped))


def read_passage_row(row: Mapping[str, Any], frames: Sequence[str]) -> tuple[Passage, Coding]:
    """Take a passage and its coding back from a row of their table: the inverse of ``passage_table``.

    KeyError where a column is missing; ValueError or TypeError where a cell holds something else.
    """
    return _passage(row), _coding(row, {f: float(row[f"p_{f}"]) for f in frames})


def _passage(row: Mapping[Any, Any]) -> Passage:
    return Passage(
        id=row["passage_id"],
        document_id=row["document_id"],
        order=int(row["order"]),
        start=int(row["start"]),
        end=int(row["end"]),
        text=row["text"],
        heading_path=tuple(_split(row["heading_path"], PATH_MARK)),
        pages=tuple(map(int, _split(row["pages"], PAGE_MARK))),
        word_count=int(row["words"]),
        lead_in=row["lead_in"],
        sureness=None if row["read_sureness"] is None else float(row["read_sureness"]),
    )


def _coding(row: Mapping[Any, Any], probabilities: dict[str, float]) -> Coding:
    evidence = json.loads(row["evidence"]) if row["evidence"] else []
    return Coding(
        passage_id=row["passage_id"],
        probabilities=probabilities,
        any_frame=float(row["p_any_frame"]),
        frames=tuple(_split(row["frames"], LIST_MARK)),
        primary=row["primary"] if row["primary"] in probabilities else None,
        needs_review=bool(row["needs_review"]),
        evidence=tuple(
            Evidence(e["frame"], e["start"], e["end"], e["sentence"], tuple(e["words"])) for e in evidence
        ),
    )


def _split(cell: str, mark: str) -> list[str]:
    return cell.split(mark) if cell else []


def profile_json(profile: Profile, document: Document) -> dict[str, Any]:
    """Return one document's profile as plain data, for ``profiles/<document>.json``."""
    said = PROFILE.dump_python(profile)
    said["document"] = {
        "id": document.id,
        "path": document.path,
        "title": document.title,
        "kind": document.kind,
        "language": document.language,
        "metadata": dict(document.metadata),
    }
    return dict(_rounded(said))


def _share(share: Share) -> tuple[float, float, float]:
    return round(share.value, DIGITS), round(share.low, DIGITS), round(share.high, DIGITS)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
