"""The Excel workbook: documents, passages to annotate, the codebook, and how the run was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from labels.codebook import NO_FRAME, Codebook
from pipeline.manifest import metadata_columns
from pipeline.records import Document, Profile
from pipeline.wording import verdict_words

EPOCH = datetime(2024, 1, 1)
CELL_LIMIT = 32_767  # characters Excel holds in a cell
LIST_LIMIT = 255  # characters of a drop-down's list written in place
REVIEWER_COLUMN = "Your code"
_WIDE = {"Quote": 80, "Heading": 32, "Document": 32, "Path": 40, "Verdict": 44, "Warnings": 50}


def write_workbook(
    path: Path,
    codebook: Codebook,
    profiles: Sequence[Profile],
    documents: Mapping[str, Document],
    passages: pd.DataFrame,
    about: Mapping[str, Any],
) -> None:
    """Write ``frames.xlsx``; text that looks like a formula or link stays text."""
    with xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "constant_memory": False,
        },
    ) as book:
        book.set_properties({"title": "Equity frames", "created": EPOCH})
        formats = {
            "head": book.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8E6DF"}
            ),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "share": book.add_format({"num_format": "0%", "valign": "top"}),
            "own": book.add_format(
                {"bg_color": "#FFF7D6", "valign": "top", "border": 1, "border_color": "#C9C5BB"}
            ),
        }
        names = {f.id: f.name for f in codebook.frames}
        _sheet(book, "documents", _document_rows(profiles, documents, names), formats)
        _passages(book, passages, codebook, formats)
        _sheet(book, "codebook", _codebook_rows(codebook), formats)
        _sheet(book, "run", _run_rows(about), formats)


def _document_rows(
    profiles: Sequence[Profile], documents: Mapping[str, Document], names: Mapping[str, str]
) -> pd.DataFrame:
    own = {"Document", "Path", "Kind", "Verdict", "Passages", "Words"}
    columns = [c for c in metadata_columns(documents[p.id].metadata for p in profiles) if c not in own]
    rows = []
    for p in sorted(profiles, key=lambda p: (p.name.casefold(), p.id)):
        document = documents[p.id]
        rows.append(
            {
                "Document": p.name,
                "Path": document.path,
                "Kind": document.kind,
                "Verdict": verdict_words(p, names),
                "Passages": p.passages,
                "Words": p.words,
                "Any frame": p.any_frame.value,
                **{names[s.frame]: s.passages.value for s in p.frames},
                **{f"{names[s.frame]}, from": s.passages.low for s in p.frames},
                **{f"{names[s.frame]}, to": s.passages.high for s in p.frames},
                **{c: document.metadata.get(c, "") for c in columns},
                "Warnings": "; ".join(p.warnings),
                "Document id": p.id,
            }
        )
    return pd.DataFrame(rows)


def _passages(book: Any, passages: pd.DataFrame, codebook: Codebook, formats: Mapping[str, Any]) -> None:
    names = {f.id: f.name for f in codebook.frames}
    table = pd.DataFrame(
        {
            "Document": passages["document"],
            "Pages": passages["pages"],
            "Heading": passages["heading_path"],
            "Quote": passages["text"],
            "Frames": passages["frames"].map(
                lambda ids: "; ".join(names[i] for i in ids.split("; ")) if ids else "no frame"
            ),
            "Needs review": passages["needs_review"].map({True: "yes", False: ""}),
            REVIEWER_COLUMN: "",
            "Your note": "",
            **{names[f]: passages[f"p_{f}"] for f in codebook.frame_ids},
            "Passage id": passages["passage_id"],
        }
    )
    sheet = _sheet(book, "passages", table, formats)
    column = list(table.columns).index(REVIEWER_COLUMN)
    choices = [NO_FRAME, *codebook.frame_ids]
    if len(table):
        for place in (column, column + 1):
            sheet.set_column(place, place, 24 if place == column else 40, formats["own"])
        sheet.data_validation(
            1, column, len(table), column,
            {
                "validate": "list",
                "source": choices if len(",".join(choices)) <= LIST_LIMIT else choices[:10],
                "error_type": "warning",
                "input_title": "Your own code",
                "input_message": "Choose one; for several frames write their ids with ; between, the main one first.",
            },
        )  # fmt: skip


def _codebook_rows(codebook: Codebook) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Id": f.id,
                "Frame": f.name,
                "Definition": f.definition,
                "The problem is": f.problem,
                "The action is": f.action,
                "Success is": f.success,
            }
            for f in codebook.frames
        ]
    )


def _run_rows(about: Mapping[str, Any], prefix: str = "") -> pd.DataFrame:
    rows: list[dict[str, str]] = []

    def walk(value: Any, name: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(inner, f"{name}.{key}" if name else str(key))
        else:
            rows.append(
                {
                    "Setting": name,
                    "Value": "; ".join(map(str, value)) if isinstance(value, list) else str(value),
                }
            )

    walk(about, prefix)
    return pd.DataFrame(rows)


def _sheet(book: Any, name: str, table: pd.DataFrame, formats: Mapping[str, Any]) -> Any:
    """Write a table with frozen, filterable heads, wrapped text and shares as per cent."""
    sheet = book.add_worksheet(name)
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, str(column), formats["head"])
        numeric = pd.api.types.is_float_dtype(table[column])
        width = _WIDE.get(str(column), 12 if numeric else 18)
        sheet.set_column(j, j, width)
        for i, value in enumerate(table[column], 1):
            if isinstance(value, bool | str) or value is None:
                sheet.write_string(i, j, str(value or "")[:CELL_LIMIT], formats["text"])
            else:
                sheet.write_number(i, j, float(value), formats["share"] if numeric else formats["text"])
    if len(table.columns):
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(table)), len(table.columns) - 1)
    return sheet
