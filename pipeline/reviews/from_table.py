"""People's codings from a sheet: the run's own workbook, or a CSV of passage ids and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from labels.codebook import NO_FRAME
from pipeline.archive import check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.align import letters
from pipeline.exports.safe import cell_text
from pipeline.readers.sheets import load_sheet
from pipeline.reviews.records import NOBODY, FrameNames, HumanCoding, Imported, RunPassage, primary_of
from pipeline.workbook import (
    COMMENT_COLUMN,
    ID_COLUMN,
    OTHER_COLUMN,
    PASSAGES_SHEET,
    QUOTE_COLUMN,
    REVIEWER_COLUMN,
)

_SEARCHED_FOR_HEAD = 20  # rows: somebody may have put a title above the table
_COLUMNS = {
    "id": (ID_COLUMN, "passage_id", "passage", "id"),
    "own": (REVIEWER_COLUMN,),
    "others": (OTHER_COLUMN,),
    "comment": (COMMENT_COLUMN, "your note", "comment", "comments", "note", "memo"),
    "coder": ("coder", "reviewer", "your name", "coded by"),
    "frames": ("frames", "codes", "frame", "code"),
    "primary": ("primary", "main frame"),
    "quote": (QUOTE_COLUMN, "text"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    cells: Mapping[str, str]

    def cell(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def read_workbook(
    path: Path, passages: Mapping[str, RunPassage], names: FrameNames, *, coder: str | None = None
) -> Imported:
    """Read the codes that people wrote into ``frames.xlsx`` (saved by Excel or LibreOffice).

    A row whose code is empty was not reviewed. A workbook without the sheet of passages is read as
    a table of passage ids and frames. Raises UnreadableDocumentError where the columns are missing.
    """
    check_container(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = next((n for n in book.sheet_names if n.strip().casefold() == PASSAGES_SHEET), None)
        if sheet is None:
            return read_table(path, passages, names, coder=coder)
        lines = [[_said(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python()]
    except (CalamineError, PasswordError, OSError) as error:
        raise UnreadableDocumentError(
            path,
            "the workbook is damaged or protected",
            "Open it in Excel or LibreOffice and save it again as .xlsx",
        ) from error
    wanted = {ID_COLUMN.casefold(), REVIEWER_COLUMN.casefold()}
    head = next(
        (
            i
            for i, line in enumerate(lines[:_SEARCHED_FOR_HEAD])
            if wanted <= {c.strip().casefold() for c in line}
        ),
        None,
    )
    if head is None:
        raise UnreadableDocumentError(
            path, f"the sheet '{PASSAGES_SHEET}' has no columns '{ID_COLUMN}' and '{REVIEWER_COLUMN}' side by side",
            "Keep the columns' names as the run wrote them",
        )  # fmt: skip
    rows = [
        _Row(f"row {number}", _named(dict(zip(lines[head], line, strict=False))))
        for number, line in enumerate(lines[head + 1 :], head + 2)
        if any(cell.strip() for cell in line)
    ]
    return _read_rows(path, rows, passages, names, coder, own_layout=True)


def read_table(
    path: Path, passages: Mapping[str, RunPassage], names: FrameNames, *, coder: str | None = None
) -> Imported:
    """Read a CSV or a sheet with the columns passage_id, frames and, where there are, coder, primary and comment.

    The sheet of passages saved as CSV is read too. A run's own ``passages.csv`` holds the program's
    codings and is refused unless a column ``coder`` says which rows a person coded.
    """
    sheet = load_sheet(path)
    heads = {n.strip().casefold() for n in sheet.names}
    own_layout = REVIEWER_COLUMN.casefold() in heads
    if not heads & {n.casefold() for n in _COLUMNS["id"]} or not (
        own_layout or heads & {n.casefold() for n in _COLUMNS["frames"]}
    ):
        raise UnreadableDocumentError(
            path, f"the columns 'passage_id' and 'frames' are not there; its columns are {', '.join(sheet.names)}",
            "Name the column with the passages' ids 'passage_id' and the one with the codes 'frames'",
        )  # fmt: skip
    programs = "p_any_frame" in heads and not own_layout
    if programs and not heads & set(_COLUMNS["coder"]):
        raise UnreadableDocumentError(
            path, "these are the program's own codings and nobody's",
            "Add a column 'coder' with a name in every row that a person coded",
        )  # fmt: skip
    # As a spreadsheet counts: the head is row 1.
    rows = [_Row(f"row {number + 1}", _named(cells)) for number, cells in sheet.rows]
    if programs:
        rows = [_Row(r.where, r.cells if r.cell("coder") else {"id": r.cell("id")}) for r in rows]
    imported = _read_rows(path, rows, passages, names, coder, own_layout=own_layout)
    for _, broken in sheet.broken:
        imported.refuse(broken.path.rsplit("#", 1)[-1], broken.found, broken.remedy)
    return imported


def _said(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _named(cells: Mapping[str, str]) -> dict[str, str]:
    """Take the cells we know by the names of their columns, the first name that fits."""
    by_name = {name.strip().casefold(): value for name, value in cells.items()}
    found = {}
    for key, names in _COLUMNS.items():
        value = next((by_name[n.casefold()] for n in names if n.casefold() in by_name), None)
        if value is not None:
            found[key] = value
    return found


def _read_rows(
    path: Path,
    rows: Sequence[_Row],
    passages: Mapping[str, RunPassage],
    names: FrameNames,
    coder: str | None,
    *,
    own_layout: bool,
) -> Imported:
    imported = Imported()
    seen: dict[tuple[str, str], HumanCoding] = {}
    empty = 0
    for row in rows:
        first, others = ("own", "others") if own_layout else ("frames", "")
        if not row.cell(first) and not row.cell(others):
            empty += 1
            if own_layout and row.cell("comment"):
                imported.refuse(
                    row.where, f"holds a comment without a code: {_short(row.cell('comment'))}",
                    f"Write a code beside it, or {NO_FRAME}",
                )  # fmt: skip
            continue
        coding = _read_row(path, row, passages, names, coder, imported, own_layout=own_layout)
        if coding is None:
            continue
        key = (coding.passage_id, coding.coder)
        if key not in seen:
            seen[key] = coding
            imported.codings.append(coding)
        elif (seen[key].frames, seen[key].primary) != (coding.frames, coding.primary):
            imported.refuse(
                row.where, f"codes passage {coding.passage_id} again and otherwise, by the same coder",
                "Keep one row, or name two coders; the first row was used",
            )  # fmt: skip
    if empty:
        rows_are = "1 row has" if empty == 1 else f"{empty:,} rows have"
        imported.notes.append(f"{rows_are} no code and count as not reviewed, not as {NO_FRAME}")
    return imported


def _read_row(
    path: Path,
    row: _Row,
    passages: Mapping[str, RunPassage],
    names: FrameNames,
    coder: str | None,
    imported: Imported,
    *,
    own_layout: bool,
) -> HumanCoding | None:
    passage = passages.get(row.cell("id"))
    if passage is None:
        which = row.cell("id") or "(empty)"
        imported.refuse(
            row.where, f"passage id {which} is not in this run", "Give the run the file was made from"
        )
        return None
    quote = row.cell("quote")
    # Letters only: spreadsheets change line ends, and a CSV in an old encoding loses what it cannot write.
    if own_layout and quote and letters(quote).folded != letters(cell_text(passage.text)).folded:
        imported.refuse(
            row.where, f"the words beside the code are not those of passage {passage.id} in this run",
            "Give the run the file was made from, and leave the quotes as they are",
        )  # fmt: skip
        return None
    written = "; ".join(filter(None, (row.cell("own" if own_layout else "frames"), row.cell("others"))))
    frames, unknown = names.read(written)
    said, unknown_primary = names.read(row.cell("primary"))
    unknown += unknown_primary
    if unknown:
        imported.refuse(row.where, f"'{_short(', '.join(unknown))}' names no frame", names.remedy(unknown))
        return None
    if NO_FRAME in frames and len(frames) > 1:
        imported.refuse(row.where, f"says {NO_FRAME} and a frame at once", "Keep one of the two")
        return None
    real = [f for f in frames if f != NO_FRAME]
    primary_said = next((f for f in said if f != NO_FRAME), None)
    if primary_said is not None and primary_said not in real:
        imported.refuse(
            row.where, f"the primary frame {primary_said} is not among its frames", "Add it to the frames"
        )
        return None
    if own_layout and real:
        main, _ = names.read(row.cell("own"))
        primary_said = real[0] if len(main) == 1 and len(real) > 1 else None
    primary, how = primary_of(real, primary_said)
    return HumanCoding(
        passage_id=passage.id,
        coder=row.cell("coder") or coder or NOBODY,
        frames=names.codebook.order(real),
        primary=primary,
        primary_by=how,
        comment=row.cell("comment"),
        source=f"{path.name}, {row.where}",
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
