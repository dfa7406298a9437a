"""The Excel workbook: documents, passages to annotate, the codebook, and how the run was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
import xlsxwriter.utility
from xlsxwriter.exceptions import FileCreateError

from labels.codebook import NO_FRAME, Codebook
from pipeline.exports.safe import cell_text
from pipeline.manifest import metadata_columns
from pipeline.passage_file import PassageFile
from pipeline.records import Document, Profile
from pipeline.tables import LIST_MARK
from pipeline.wording import verdict_words
from pipeline.write import Column, Table, whole_file

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


def write_workbook_of_run(
    out: Path,
    codebook: Codebook,
    profiles: Sequence[Profile],
    documents: Mapping[str, Document],
    about: Mapping[str, Any],
) -> None:
    """Write ``frames.xlsx`` from a run's table of passages."""
    passages = PassageFile(out / "passages.parquet", codebook.frame_ids)
    shown = worth_a_look(passages.each_row(), len(passages.words))
    try:
        with whole_file(out / "frames.xlsx") as part:
            write_workbook(part, codebook, profiles, documents, shown, about)
    except FileCreateError as error:
        raise error.args[0] from None  # what the system said: the disk is full, most often


def write_workbook(
    path: Path,
    codebook: Codebook,
    profiles: Sequence[Profile],
    documents: Mapping[str, Document],
    passages: Iterable[Mapping[str, Any]],
    about: Mapping[str, Any],
) -> None:
    """Write ``frames.xlsx``; text that looks like a formula or link stays text.

    ``passages`` are rows of the table of passages that are worth a look; no more than one is in memory at once.
    """
    with xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "constant_memory": True,
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
        _passages(book, passages, codebook, formats)
        _sheet(book, CODEBOOK_SHEET, _codebook_rows(codebook), formats)
        _sheet(book, "run", _run_rows(about), formats)


def worth_a_look(passages: Iterable[Mapping[str, Any]], total: int) -> Iterator[Mapping[str, Any]]:
    """Give the passages that the workbook shows: all, or where they are too many those coded or unsure."""
    chosen = (p for p in passages if total <= MOST_PASSAGES or p["frames"] or p["needs_review"])
    return islice(chosen, MOST_PASSAGES)


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
) -> Table:
    own = {"Document", "Path", "Kind", "Verdict", "Passages", "Words"}
    columns = [c for c in metadata_columns(documents[p.id].metadata for p in profiles) if c not in own]
    shares = [f"{name}{end}" for end in ("", ", from", ", to") for name in names.values()]
    heads = (
        *(Column(c) for c in ("Document", "Path", "Kind", "Verdict")),
        *(Column(c, "whole number") for c in ("Passages", "Words")),
        *(Column(c, "number") for c in ("Any frame", *shares)),
        *(Column(c) for c in (*columns, "Warnings", "Document id")),
    )

    def row(p: Profile) -> tuple[Any, ...]:
        document = documents[p.id]
        return (
            p.name,
            document.path,
            document.kind,
            verdict_words(p, names),
            p.passages,
            p.words,
            p.any_frame.value,
            *(s.passages.value for s in p.frames),
            *(s.passages.low for s in p.frames),
            *(s.passages.high for s in p.frames),
            *(document.metadata.get(c, "") for c in columns),
            "; ".join(p.warnings),
            p.id,
        )

    return Table(heads, map(row, sorted(profiles, key=lambda p: (p.name.casefold(), p.id))))


def _passages(
    book: Any, passages: Iterable[Mapping[str, Any]], codebook: Codebook, formats: Mapping[str, Any]
) -> None:
    names = {f.id: f.name for f in codebook.frames}
    own = (REVIEWER_COLUMN, OTHER_COLUMN, COMMENT_COLUMN)
    heads = (
        *(
            Column(c)
            for c in ("Document", "Pages", "Heading", "Lead-in", QUOTE_COLUMN, "Frames", "Needs review", *own)
        ),
        *(Column(name, "number") for name in names.values()),
        Column(ID_COLUMN),
    )

    def row(p: Mapping[str, Any]) -> tuple[Any, ...]:
        frames = LIST_MARK.join(names[i] for i in p["frames"].split(LIST_MARK)) if p["frames"] else "no frame"
        return (
            p["document"],
            p["pages"],
            p["heading_path"],
            p["lead_in"],
            p["text"],
            frames,
            "yes" if p["needs_review"] else "",
            *("" for _ in own),
            *(p[f"p_{f}"] for f in names),
            p["passage_id"],
        )

    sheet, many = _sheet(book, PASSAGES_SHEET, Table(heads, map(row, passages)), formats, own=own)
    if not many:
        return
    place = [c.name for c in heads].index(REVIEWER_COLUMN)
    # The names stand on the codebook's sheet: a list written in place ends after 255 characters.
    letter = xlsxwriter.utility.xl_col_to_name(
        [c.name for c in _codebook_rows(codebook).columns].index(_NAMES_COLUMN)
    )
    choices = f"={CODEBOOK_SHEET}!${letter}$2:${letter}${len(codebook.frames) + 2}"
    offer = {"validate": "list", "source": choices, "error_title": "No frame of the codebook"}
    sheet.data_validation(1, place, many, place, {
        **offer,
        "error_type": "stop",
        "error_message": f"Choose a frame from the list, or {NO_FRAME} if the passage foregrounds no frame.",
        "input_title": "Your code",
        "input_message": f"The frame that carries the main claim, or {NO_FRAME}. Empty means: not reviewed.",
    })  # fmt: skip
    sheet.data_validation(1, place + 1, many, place + 1, {
        **offer,
        "error_type": "warning",  # several frames in one cell are in no list, and right
        "error_message": "If you name several frames, write their names or ids with ; between. Keep it?",
        "input_title": "Other frames, if any",
        "input_message": "A second frame from the list; for more, write names or ids with ; between.",
    })  # fmt: skip


def _codebook_rows(codebook: Codebook) -> Table:
    heads = ("Id", _NAMES_COLUMN, "Definition", "The problem is", "The action is", "Success is")
    rows = [(f.id, f.name, f.definition, f.problem, f.action, f.success) for f in codebook.frames]
    return Table(
        [Column(c) for c in heads], [*rows, (NO_FRAME, NO_FRAME, codebook.none.description, "", "", "")]
    )


def _run_rows(about: Mapping[str, Any]) -> Table:
    rows: list[tuple[str, str]] = []

    def walk(value: Any, name: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(inner, f"{name}.{key}" if name else str(key))
        else:
            rows.append((name, "; ".join(map(str, value)) if isinstance(value, list) else str(value)))

    walk(about, "")
    return Table([Column("Setting"), Column("Value")] if rows else [], rows)


def _sheet(
    book: Any, name: str, table: Table, formats: Mapping[str, Any], *, own: Sequence[str] = ()
) -> tuple[Any, int]:
    """Write a table with frozen, filterable heads, wrapped text and shares as per cent; give its length too.

    The columns in ``own`` are for people to write in: coloured, and as wide as what goes there.
    """
    sheet = book.add_worksheet(name)
    widths = [_WIDE.get(c.name, 12 if c.type == "number" else 18) for c in table.columns]
    kinds = ["own" if c.name in own else c.type for c in table.columns]
    sheet.set_row(0, 3 * _LINE)
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, cell_text(column.name), formats["head"])
        sheet.set_column(j, j, widths[j])
    many = 0
    for many, row in enumerate(table.rows, 1):
        _write_row(sheet, many, row, kinds, widths, formats)
    if table.columns:
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)  # as wide as the paper, as many pages as it takes
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(1, many), len(table.columns) - 1)
    return sheet, many


def _write_row(
    sheet: Any,
    i: int,
    row: Sequence[Any],
    kinds: Sequence[str],
    widths: Sequence[int],
    formats: Mapping[str, Any],
) -> None:
    said = [cell_text(str(v or "")) if kind == "text" else v for v, kind in zip(row, kinds, strict=True)]
    lines = max(
        (
            sum(1 + len(line) // width for line in value.split("\n"))
            for value, kind, width in zip(said, kinds, widths, strict=True)
            if kind == "text" and (len(value) >= width or "\n" in value)
        ),
        default=1,
    )
    if lines > 1:  # LibreOffice does not make a row as high as its text by itself
        sheet.set_row(i, min(lines * _LINE, _MOST_HEIGHT))
    for j, (value, kind) in enumerate(zip(said, kinds, strict=True)):
        if kind == "own":
            sheet.write_blank(i, j, None, formats["own"])
        elif kind == "text" and value:
            sheet.write_string(i, j, value, formats["text"])
        elif kind != "text":
            sheet.write_number(i, j, value, formats["share" if kind == "number" else "text"])
