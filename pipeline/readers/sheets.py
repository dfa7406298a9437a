"""Load a table of any format as rows of text, each with its number."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from pipeline.archive import check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.readers.encoding import decode
from pipeline.readers.sniff import true_suffix
from pipeline.records import Skipped, as_path, without_halves

# A cell may hold a whole report; Python's own limit is 128 KB.
_LONGEST_CELL = 10_000_000
_DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, its rows with their numbers (from 1), and rows that are broken."""

    names: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]
    broken: list[tuple[int, Skipped]]


def load_sheet(path: Path) -> Sheet:
    """Load the table at ``path`` by its content; raises ``UnreadableDocumentError`` if it is no table."""
    suffix, _ = true_suffix(path)
    if suffix not in _LOADERS:
        raise UnreadableDocumentError(
            path, "it is not a table", "Give a .csv, .tsv, .xlsx, .ods, .parquet or .jsonl"
        )
    sheet = _LOADERS[suffix](path)
    if not sheet.rows and not sheet.broken:
        raise UnreadableDocumentError(
            path, "the table has no rows under its heading", "Check that it was saved whole"
        )
    return sheet


def _separated(path: Path) -> Sheet:
    text, _ = decode(path, path.read_bytes())
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = "\t" if path.suffix.lower() in {".tsv", ".tab"} else _delimiter(text)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableDocumentError(
            path, f"the table is broken ({error})", "Open it in a spreadsheet and save it again as .csv"
        ) from error
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if not lines:
        raise UnreadableDocumentError(path, "the table is empty", "Check that it was saved whole")
    return _with_head(path, lines, strict=True)


def _delimiter(text: str) -> str:
    """Give the sign that parts the head into most columns and the next rows into as many."""
    best, score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
            widths = [len(row) for row, _ in zip((row for row in rows if row), range(20), strict=False)]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            same = sum(width == widths[0] for width in widths)
            if (same, widths[0]) > score:
                best, score = delimiter, (same, widths[0])
    return best


def _with_head(path: Path, lines: Sequence[Sequence[str]], *, strict: bool) -> Sheet:
    names = _unique(path, [cell.strip() for cell in lines[0]])
    rows: list[tuple[int, dict[str, str]]] = []
    broken: list[tuple[int, Skipped]] = []
    for number, line in enumerate(lines[1:], start=1):
        extra = [cell for cell in line[len(names) :] if cell.strip()]
        if strict and (extra or len(line) < len(names) // 2):
            broken.append(
                (number, _broken(path, number, f"{len(line)} cells where the heading has {len(names)}"))
            )
            continue
        cells = [*line[: len(names)], *[""] * (len(names) - len(line))]
        rows.append((number, {name: cell for name, cell in zip(names, cells, strict=True) if name}))
    return Sheet(tuple(name for name in names if name), rows, broken)


def _unique(path: Path, names: Sequence[str]) -> list[str]:
    """Names as they stand, a number behind those that come twice; a table with no names has no head."""
    if not any(names):
        raise UnreadableDocumentError(
            path, "its first row names no columns", "Put the columns' names in the first row"
        )
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(f"{name} {seen[name]}" if name and seen[name] > 1 else name)
    return unique


def _workbook(path: Path) -> Sheet:
    """Give the first sheet with rows under its heading."""
    check_container(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            grid = [[_as_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
            grid = [row for row in grid if any(cell.strip() for cell in row)]
            if len(grid) > 1:
                return _with_head(path, grid, strict=False)
    except PasswordError as error:
        raise UnreadableDocumentError(
            path, "the file is protected with a password", "Remove the password and save it again"
        ) from error
    except (CalamineError, ValueError, OSError) as error:
        raise UnreadableDocumentError(
            path, "it is not a sound spreadsheet", "Open it in a spreadsheet and save it again as .xlsx"
        ) from error
    return Sheet((), [], [])


def _parquet(path: Path) -> Sheet:
    try:
        table = pyarrow.parquet.read_table(path)
        columns = [column.to_pylist() for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError) as error:  # ValueError: text that is no UTF-8
        raise UnreadableDocumentError(
            path, "it is not a sound Parquet file", "Write it again, or give a .csv"
        ) from error
    names = _unique(path, [str(name).strip() for name in table.column_names])
    rows = [
        (number, {name: _as_text(cell) for name, cell in zip(names, cells, strict=True)})
        for number, cells in enumerate(zip(*columns, strict=True), start=1)
    ]
    return Sheet(tuple(names), rows, [])


def _json_lines(path: Path) -> Sheet:
    text, _ = decode(path, path.read_bytes())
    rows: list[tuple[int, dict[str, str]]] = []
    broken: list[tuple[int, Skipped]] = []
    names: dict[str, None] = {}
    lines = (line for line in text.split("\n") if line.strip())
    for number, line in enumerate(lines, start=1):
        try:
            record: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            broken.append((number, _broken(path, number, f"it is not JSON ({error})")))
            continue
        if not isinstance(record, dict):
            broken.append((number, _broken(path, number, "it is not a record with named fields")))
            continue
        # JSON can write half a character (\\ud83d); no table could be written with it.
        cells = {without_halves(str(name)): without_halves(_as_text(value)) for name, value in record.items()}
        names.update(dict.fromkeys(cells))
        rows.append((number, cells))
    if broken and not rows:
        raise UnreadableDocumentError(
            path, "none of its lines is a JSON record", 'Give one record a line, such as {"text": "..."}'
        )
    whole = [(number, {name: cells.get(name, "") for name in names}) for number, cells in rows]
    return Sheet(tuple(names), whole, broken)


def _broken(path: Path, number: int, found: str) -> Skipped:
    return Skipped(
        f"{as_path(path)}#{number}",
        f"row {number} is broken: {found}",
        "Check the quotation marks and line breaks around it",
    )


def _as_text(value: Any) -> str:
    """Write a cell as a user would write it: whole numbers without a point, dates without an empty time."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return "; ".join(_as_text(part) for part in value)
    return str(value)


_LOADERS: Mapping[str, Callable[[Path], Sheet]] = {
    ".csv": _separated,
    ".tsv": _separated,
    ".txt": _separated,
    ".xlsx": _workbook,
    ".ods": _workbook,
    ".parquet": _parquet,
    ".jsonl": _json_lines,
}
