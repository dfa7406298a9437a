"""A run's passages and codings, read back from its table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import UnreadableDocumentError
from pipeline.records import Coding, Evidence, Passage
from pipeline.tables import LIST_MARK, PAGE_MARK, PATH_MARK


def read_codings(run: Path, frames: Sequence[str]) -> list[tuple[Passage, Coding]]:
    """Read ``passages.parquet`` of a run; UnreadableDocumentError if it is missing or of other frames."""
    try:
        rows = pd.read_parquet(run / "passages.parquet").to_dict("records")
        return [(_passage(row), _coding(row, frames)) for row in rows]
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableDocumentError(
            run, "the folder holds no run: passages.parquet is missing, damaged or of another codebook",
            "Name the folder that `equity-frames profile --out` wrote",
        ) from error  # fmt: skip


def _passage(row: Mapping[Any, Any]) -> Passage:
    return Passage(
        id=str(row["passage_id"]),
        document_id=str(row["document_id"]),
        order=int(str(row["order"])),
        start=int(str(row["start"])),
        end=int(str(row["end"])),
        text=str(row["text"]),
        heading_path=tuple(filter(None, str(row["heading_path"]).split(PATH_MARK))),
        pages=tuple(int(page) for page in str(row["pages"]).split(PAGE_MARK) if page),
        word_count=int(str(row["words"])),
        lead_in=str(row["lead_in"]),
    )


def _coding(row: Mapping[Any, Any], frames: Sequence[str]) -> Coding:
    said = str(row["evidence"])
    evidence = [Evidence(**{**e, "words": tuple(e["words"])}) for e in json.loads(said)] if said else []
    primary = str(row["primary"])
    return Coding(
        passage_id=str(row["passage_id"]),
        probabilities={f: float(str(row[f"p_{f}"])) for f in frames},
        any_frame=float(str(row["p_any_frame"])),
        frames=tuple(filter(None, str(row["frames"]).split(LIST_MARK))),
        primary=primary if primary in frames else None,
        needs_review=bool(row["needs_review"]),
        evidence=tuple(evidence),
    )
