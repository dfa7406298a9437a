"""Read tables of documents: a row is a document, one column its text, the others its metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.sheets import Sheet, load_sheet
from pipeline.records import FoundBlock, Skipped, as_path

TEXT_COLUMNS = ("text", "abstract", "body", "content", "description", "passage")
TITLE_COLUMNS = ("title", "name")
# Clearly prose: the longest of the columns by far, and sentences rather than labels.
_PROSE_WORDS = 20
_TIMES_LONGER = 3
_NAMES_SAID = 40  # a message with a thousand names helps no one
# Award databases join the paragraphs of an abstract with runs of spaces.
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*|[ \t\xa0]{4,}")


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a table; ``number`` counts the rows of data from 1."""

    number: int
    text: str
    title: str | None
    metadata: Mapping[str, str]


def read_rows(path: Path, *, text_column: str | None) -> list[Row | Skipped]:
    """Give the rows of the table at ``path`` in order, with a ``Skipped`` for each that holds no text.

    ``text_column`` names the column with the text (capitals do not matter); None looks for a column
    called text, abstract, body, content, description or passage, or else for the one that is
    clearly prose. Raises ``UnreadableDocumentError`` where there is no such column, naming those
    that there are, and where the table cannot be read.
    """
    sheet = load_sheet(path)
    column = _text_column(path, sheet, text_column)
    title_column = next(
        (name for name in sheet.names if name.casefold() in TITLE_COLUMNS and name != column), None
    )
    found: list[tuple[int, Row | Skipped]] = list(sheet.broken)
    for number, cells in sheet.rows:
        text = cells.get(column, "").strip()
        if not any(map(str.isalnum, text)):
            empty = Skipped(
                f"{as_path(path)}#{number}",
                f"row {number} has nothing in the column '{column}'",
                "Fill the cell, or leave the row out",
            )
            found.append((number, empty))
            continue
        title = " ".join(cells.get(title_column, "").split()) if title_column else ""
        metadata = {name: value for name, value in cells.items() if name not in (column, title_column)}
        found.append((number, Row(number, text, title or None, metadata)))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def row_text_blocks(text: str) -> tuple[FoundBlock, ...]:
    """Give the paragraphs of one cell: parted by blank lines, or by runs of four spaces and more."""
    parts = (" ".join(part.split()) for part in _PARAGRAPHS.split(text))
    return tuple(FoundBlock(part) for part in parts if part)


def _text_column(path: Path, sheet: Sheet, wanted: str | None) -> str:
    by_name = {name.casefold(): name for name in reversed(sheet.names)}
    names = ", ".join(f"'{name}'" for name in sheet.names[:_NAMES_SAID])
    if len(sheet.names) > _NAMES_SAID:
        names += f" and {len(sheet.names) - _NAMES_SAID:,} more"
    if wanted is not None:
        if wanted in sheet.names:
            return wanted
        if wanted.casefold() in by_name:
            return by_name[wanted.casefold()]
        raise UnreadableDocumentError(
            path,
            f"it has no column '{wanted}'; its columns are {names}",
            "Name one of them as the text column",
        )
    for name in TEXT_COLUMNS:
        if name in by_name:
            return by_name[name]
    lengths = sorted(((_mean_words(sheet, name), name) for name in sheet.names), reverse=True)
    if lengths and lengths[0][0] >= _PROSE_WORDS:
        longest, name = lengths[0]
        if len(lengths) == 1 or longest >= _TIMES_LONGER * lengths[1][0]:
            return name
    raise UnreadableDocumentError(
        path,
        f"it is not clear which column holds the text; its columns are {names}",
        "Name the one with the text, with --text-column",
    )


def _mean_words(sheet: Sheet, name: str) -> float:
    cells: Sequence[str] = [cells[name] for _, cells in sheet.rows if cells.get(name, "").strip()]
    return sum(len(cell.split()) for cell in cells) / len(cells) if cells else 0.0
