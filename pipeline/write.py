"""Write a run's files, each one whole or not at all."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import to_json

from pipeline.memory import give_back_memory

CSV_ENCODING = "utf-8-sig"  # Excel reads UTF-8 right only with the mark in front
ROWS_A_GROUP = 2_000  # of a Parquet file: 2 MB of passages, which is what reading one document of it costs
_FORMULA_BEGINNINGS = frozenset("=+-@\t\r")
_PART = ".part"
_TOGETHER = 64  # small files that are synced together: one by one 5 ms each, eight at once 0.2 ms
_AT_ONCE = 8
_TYPES = {
    "text": pa.string(),
    "whole number": pa.int64(),
    "number": pa.float64(),
    "true or false": pa.bool_(),
}


class Column(NamedTuple):
    """One column of a table: its name and what its cells are."""

    name: str
    type: Literal["text", "whole number", "number", "true or false"] = "text"


class Table(NamedTuple):
    """A table as it is made: its columns, and its rows in order, which may be a generator's."""

    columns: Sequence[Column]
    rows: Iterable[tuple[Any, ...]]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes ``path``'s place only if nothing went wrong."""
    part = _new_part(path)
    try:
        yield part
        _sync(part)
        part.chmod(0o644)  # mkstemp gives 0600; these files are for sharing
        part.replace(path)
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def many_files() -> Iterator[ManyFiles]:
    """Give a writer of many small files; those it took are all in place when the block is left."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        files = ManyFiles(pool)
        try:
            yield files
            files.flush()
        finally:
            files.drop()


class ManyFiles:
    """Writes small files, each whole or not at all, and syncs them by the dozen."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._waiting: list[tuple[Path, Path]] = []

    def write(self, path: Path, text: str) -> None:
        """Write a text in UTF-8; a file that says the same already is left as it is."""
        data = text.encode("utf-8")
        if _says(path, data):
            return
        part = _new_part(path)
        self._waiting.append((part, path))
        part.write_bytes(data)
        if len(self._waiting) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Put in place what was written."""
        list(self._pool.map(_sync, [part for part, _ in self._waiting]))
        for part, path in self._waiting:
            part.chmod(0o644)
            part.replace(path)
        for folder in {path.parent for _, path in self._waiting}:
            _sync_folder(folder)
        self._waiting.clear()

    def drop(self) -> None:
        """Throw away what was written and is not in place."""
        for part, _ in self._waiting:
            part.unlink(missing_ok=True)


def clear_parts(folder: Path) -> None:
    """Remove what a program that was killed had begun to write in ``folder``."""
    for part in folder.glob(f".*{_PART}") if folder.is_dir() else ():
        part.unlink(missing_ok=True)


def write_table(table: Table, stem: Path) -> None:
    """Write ``stem.csv`` and ``stem.parquet``: the one for spreadsheets, the other for programs.

    Of the rows no more than ``ROWS_A_GROUP`` are in memory at once.
    """
    schema = pa.schema([(c.name, _TYPES[c.type]) for c in table.columns])
    with ExitStack() as stack:
        as_csv = stack.enter_context(_csv_writer(table.columns, stem.with_suffix(".csv")))
        part = stack.enter_context(whole_file(stem.with_suffix(".parquet")))
        parquet = stack.enter_context(pq.ParquetWriter(part, schema))
        for rows in _chunks(table.rows, ROWS_A_GROUP):
            as_csv.writerows([[_as_text(cell) for cell in row] for row in rows])
            cells = zip(*rows, strict=True)
            arrays = [pa.array(column, t) for column, t in zip(cells, schema.types, strict=True)]
            parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), ROWS_A_GROUP)
    give_back_memory()


def write_rows(table: Table, path: Path) -> None:
    """Write a CSV that spreadsheets open right, with cells that look like formulas kept as text."""
    with _csv_writer(table.columns, path) as writer:
        writer.writerows([_as_text(cell) for cell in row] for row in table.rows)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a data frame as ``write_rows`` writes a table."""
    cells = table.astype(object).where(table.notna(), "")
    write_rows(Table([Column(str(c)) for c in table.columns], cells.itertuples(index=False)), path)


def write_json(data: Mapping[str, Any], path: Path) -> None:
    """Write plain data as JSON, in the order given."""
    write_text(as_json(data), path)


def as_json(data: Mapping[str, Any]) -> str:
    """Return plain data as JSON for people and programs to read."""
    return to_json(data, indent=2).decode("utf-8") + "\n"  # ten times as fast as json with an indent


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def without_mark(cell: str) -> str:
    """Take off the apostrophe that was put before text that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_BEGINNINGS else cell


@contextmanager
def _csv_writer(columns: Sequence[Column], path: Path) -> Iterator[Any]:
    with whole_file(path) as part, part.open("w", encoding=CSV_ENCODING, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([c.name for c in columns])
        yield writer


def _chunks(rows: Iterable[tuple[Any, ...]], many: int) -> Iterator[list[tuple[Any, ...]]]:
    chunk: list[tuple[Any, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == many:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _new_part(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-", suffix=_PART)
    os.close(handle)
    return Path(name)


def _sync(path: Path) -> None:
    with path.open("r+b") as file:  # Windows syncs only what is open for writing
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk too; Windows does it by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _says(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _as_text(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP, CSV injection)."""
    if isinstance(value, str) and value[:1] in _FORMULA_BEGINNINGS:
        return "'" + value
    return value
