"""The Excel workbook: documents, passages to annotate, the codebook, and how the run was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
import xlsxwriter.utility

from labels.codebook import NO_FRAME, Codebook
from pipeline.exports.safe import cell_text
from pipeline.manifest import metadata_columns
from pipeline.records import Document, Profile
from pipeline.wording import verdict_words

EPOCH = datetime(2024, 1, 1)
PASSAGES_SHEET, CODEBOOK_SHEET = "passages", "codebook"
# What people fill in and what `import-codings` finds them by; a change here is a change of the format.
REVIEWER_COLUMN, OTHER_COLUMN, COMMENT_COLUMN = "Your code", "Your other codes", "Your comment"
ID_COLUMN, QUOTE_COLUMN = "Passage id", "Quote"
_NAMES_COLUMN = "Frame"  # of the codebook's sheet: what the drop-downs offer
MOST_PASSAGES = 100_000  # rows: a sheet holds 1,048,576, but a person's machine opens far fewer
_LINE, _MOST_HEIGHT = 15.0, 405.0  # points a line of text takes; Excel's highest row is 409
_WIDE = {
    QUOTE_COLUMN: 70, "Lead-in": 22, "Heading": 26, "Document": 24, "Pages": 7, "Needs review": 9, "Frames": 24,
    "Path": 40, "Verdict": 44, "Warnings": 50, "Definition": 60, "The problem is": 40, "The action is": 40,
    "Success is": 40, "Setting": 32, "Value": 70, REVIEWER_COLUMN: 26, OTHER_COLUMN: 26, COMMENT_COLUMN: 34,
    ID_COLUMN: 23,
}  # fmt: skip


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
                {
                    "bg_color": "#FFF7D6",
                    "valign": "top",
                    "border": 1,
                    "border_color": "#C9C5BB",
                    "text_wrap": True,
                    "num_format": "@",  # what people write is text, = in front or not
                }
            ),
        }
        names = {f.id: f.name for f in codebook.frames}
        _sheet(book, "documents", _document_rows(profiles, documents, names), formats)
        _passages(book, worth_a_look(passages), codebook, formats)
        _sheet(book, CODEBOOK_SHEET, _codebook_rows(codebook), formats)
        _sheet(book, "run", _run_rows(about), formats)


def worth_a_look(passages: pd.DataFrame) -> pd.DataFrame:
    """Return the passages that the workbook shows: all, or where they are too many those coded or unsure."""
    if len(passages) <= MOST_PASSAGES:
        return passages
    chosen = passages[(passages["frames"] != "") | passages["needs_review"]]
    return chosen.head(MOST_PASSAGES)


def workbook_note(passages: int) -> tuple[str, ...]:
    """Say what the workbook does not show, if it cannot show every passage."""
    if passages <= MOST_PASSAGES:
        return ()
    return (
        (
            f"frames.xlsx shows only passages with a frame or marked for review, and at most {MOST_PASSAGES:,} of "
            f"the {passages:,}; the tables have them all"
        ),
    )


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
            "Lead-in": passages["lead_in"],
            QUOTE_COLUMN: passages["text"],
            "Frames": passages["frames"].map(
                lambda ids: "; ".join(names[i] for i in ids.split("; ")) if ids else "no frame"
            ),
            "Needs review": passages["needs_review"].map({True: "yes", False: ""}),
            REVIEWER_COLUMN: "",
            OTHER_COLUMN: "",
            COMMENT_COLUMN: "",
            **{names[f]: passages[f"p_{f}"] for f in codebook.frame_ids},
            ID_COLUMN: passages["passage_id"],
        }
    )
    own = (REVIEWER_COLUMN, OTHER_COLUMN, COMMENT_COLUMN)
    sheet = _sheet(book, PASSAGES_SHEET, table, formats, own=own)
    if not len(table):
        return
    place = list(table.columns).index(REVIEWER_COLUMN)
    # The names stand on the codebook's sheet: a list written in place ends after 255 characters.
    letter = xlsxwriter.utility.xl_col_to_name(list(_codebook_rows(codebook).columns).index(_NAMES_COLUMN))
    choices = f"={CODEBOOK_SHEET}!${letter}$2:${letter}${len(codebook.frames) + 2}"
    offer = {"validate": "list", "source": choices, "error_title": "No frame of the codebook"}
    sheet.data_validation(1, place, len(table), place, {
        **offer,
        "error_type": "stop",
        "error_message": f"Choose a frame from the list, or {NO_FRAME} if the passage foregrounds no frame.",
        "input_title": "Your code",
        "input_message": f"The frame that carries the main claim, or {NO_FRAME}. Empty means: not reviewed.",
    })  # fmt: skip
    sheet.data_validation(1, place + 1, len(table), place + 1, {
        **offer,
        "error_type": "warning",  # several frames in one cell are in no list, and right
        "error_message": "If you name several frames, write their names or ids with ; between. Keep it?",
        "input_title": "Other frames, if any",
        "input_message": "A second frame from the list; for more, write names or ids with ; between.",
    })  # fmt: skip


def _codebook_rows(codebook: Codebook) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Id": f.id,
                _NAMES_COLUMN: f.name,
                "Definition": f.definition,
                "The problem is": f.problem,
                "The action is": f.action,
                "Success is": f.success,
            }
            for f in codebook.frames
        ]
        + [{"Id": NO_FRAME, _NAMES_COLUMN: NO_FRAME, "Definition": codebook.none.description}]
    ).fillna("")


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


def _sheet(
    book: Any, name: str, table: pd.DataFrame, formats: Mapping[str, Any], *, own: Sequence[str] = ()
) -> Any:
    """Write a table with frozen, filterable heads, wrapped text and shares as per cent.

    The columns in ``own`` are for people to write in: coloured, and as wide as what goes there.
    """
    sheet = book.add_worksheet(name)
    lines = [1] * len(table)
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, cell_text(str(column)), formats["head"])
        numeric = pd.api.types.is_float_dtype(table[column])
        width = _WIDE.get(str(column), 12 if numeric else 18)
        sheet.set_column(j, j, width)
        for i, value in enumerate(table[column], 1):
            if column in own:
                sheet.write_blank(i, j, None, formats["own"])
            elif isinstance(value, bool | str) or value is None:
                said = cell_text(str(value or ""))
                sheet.write_string(i, j, said, formats["text"])
                lines[i - 1] = max(lines[i - 1], sum(1 + len(line) // width for line in said.split("\n")))
            else:
                sheet.write_number(i, j, float(value), formats["share"] if numeric else formats["text"])
    sheet.set_row(0, 3 * _LINE)
    for i, count in enumerate(lines, 1):
        if count > 1:  # LibreOffice does not make a row as high as its text by itself
            sheet.set_row(i, min(count * _LINE, _MOST_HEIGHT))
    if len(table.columns):
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)  # as wide as the paper, as many pages as it takes
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(1, len(table)), len(table.columns) - 1)
    return sheet
