"""The run's tables: one row a document and frame, one row a passage, one row a skipped file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from pipeline.manifest import metadata_columns
from pipeline.records import Coding, Document, Evidence, Passage, Profile, Share, Skipped

DIGITS = 6  # of every share and probability: what follows is noise of the processor's arithmetic
PAGE_MARK, PATH_MARK, LIST_MARK = "; ", " > ", "; "


def profile_table(
    profiles: Sequence[Profile], documents: Mapping[str, Document], names: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row a profile and frame; ``names`` maps frame ids to their full names."""
    columns = metadata_columns(d.metadata for d in documents.values())
    rows = []
    for profile in profiles:
        document = documents.get(profile.id)
        about: dict[str, Any] = {
            "unit": profile.unit,
            "id": profile.id,
            "name": profile.name,
            "path": document.path if document else "",
            "kind": document.kind if document else "",
            **{c: (document.metadata.get(c, "") if document else "") for c in columns},
            "documents": profile.documents,
            "passages": profile.passages,
            "words": profile.words,
            "verdict": profile.verdict,
            **_share("any_frame", profile.any_frame),
        }
        rows += [
            {
                **about,
                "frame": s.frame,
                "frame_name": names[s.frame],
                **_share("share_of_passages", s.passages),
                **_share("share_of_words", s.words),
                **_share("share_of_framed_passages", s.framed),
                "leading": s.frame in profile.leading,
                "not_foregrounded": s.frame in profile.not_foregrounded,
            }
            for s in profile.frames
        ]
    return pd.DataFrame(rows)


def passage_table(
    passages: Sequence[Passage],
    codings: Sequence[Coding],
    documents: Mapping[str, Document],
    frames: Sequence[str],
) -> pd.DataFrame:
    """Return one row a passage with its place, its probabilities and its coding."""
    columns = [
        "passage_id",
        "document_id",
        "document",
        "path",
        "order",
        "pages",
        "heading_path",
        "start",
        "end",
    ]
    columns += [
        "words",
        "read_sureness",
        "lead_in",
        "text",
        *(f"p_{f}" for f in frames),
        "p_any_frame",
        "frames",
        "primary",
    ]
    columns += ["needs_review", "evidence"]
    rows = []
    for passage, coding in zip(passages, codings, strict=True):
        document = documents[passage.document_id]
        rows.append(
            {
                "passage_id": passage.id,
                "document_id": passage.document_id,
                "document": document.title,
                "path": document.path,
                "order": passage.order,
                "pages": PAGE_MARK.join(map(str, passage.pages)),
                "heading_path": PATH_MARK.join(passage.heading_path),
                "start": passage.start,
                "end": passage.end,
                "words": passage.word_count,
                "read_sureness": None if passage.sureness is None else round(passage.sureness, DIGITS),
                "lead_in": passage.lead_in,
                "text": passage.text,
                **{f"p_{f}": round(coding.probabilities[f], DIGITS) for f in frames},
                "p_any_frame": round(coding.any_frame, DIGITS),
                "frames": LIST_MARK.join(coding.frames),
                "primary": coding.primary or "none",
                "needs_review": coding.needs_review,
                "evidence": json.dumps([asdict(e) for e in coding.evidence], ensure_ascii=False)
                if coding.evidence
                else "",
            }
        )
    return pd.DataFrame(rows, columns=columns).astype({"read_sureness": float})  # even where none is known


def skipped_table(skipped: Sequence[Skipped]) -> pd.DataFrame:
    """Return one row a file or row that was not read: path, reason, what to do."""
    rows = [{"path": s.path, "reason": s.found, "what_to_do": s.remedy} for s in skipped]
    return pd.DataFrame(rows, columns=["path", "reason", "what_to_do"])


def read_passage_table(table: pd.DataFrame, frames: Sequence[str]) -> list[tuple[Passage, Coding]]:
    """Take passages and codings back from their table, in its order: the inverse of ``passage_table``.

    KeyError where a column is missing; ValueError or TypeError where a cell holds something else.
    """
    probabilities = table[[f"p_{f}" for f in frames]].to_numpy(float).tolist()
    return [
        (_passage(row), _coding(row, dict(zip(frames, p, strict=True))))
        for row, p in zip(table.to_dict("records"), probabilities, strict=True)
    ]


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
        sureness=None if pd.isna(row["read_sureness"]) else float(row["read_sureness"]),
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
    said = asdict(profile)
    said["document"] = {
        "id": document.id,
        "path": document.path,
        "title": document.title,
        "kind": document.kind,
        "language": document.language,
        "metadata": dict(document.metadata),
    }
    return dict(_rounded(said))


def _share(name: str, share: Share) -> dict[str, float]:
    return {
        name: round(share.value, DIGITS),
        f"{name}_low": round(share.low, DIGITS),
        f"{name}_high": round(share.high, DIGITS),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
