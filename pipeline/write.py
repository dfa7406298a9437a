"""Write a run's files, each one whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

CSV_ENCODING = "utf-8-sig"  # Excel reads UTF-8 right only with the mark in front
_FORMULA_BEGINNINGS = frozenset("=+-@\t\r")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes ``path``'s place only if nothing went wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("r+b") as file:  # Windows syncs only what is open for writing
            os.fsync(file.fileno())
        part.chmod(0o644)  # mkstemp gives 0600; these files are for sharing
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_table(table: pd.DataFrame, stem: Path) -> None:
    """Write ``stem.csv`` and ``stem.parquet``: the one for spreadsheets, the other for programs."""
    write_csv(table, stem.with_suffix(".csv"))
    with whole_file(stem.with_suffix(".parquet")) as part:
        table.to_parquet(part, index=False)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a CSV that spreadsheets open right, with cells that look like formulas kept as text."""
    safe = table.map(_as_text)
    safe.columns = table.columns
    with whole_file(path) as part:
        safe.to_csv(part, index=False, encoding=CSV_ENCODING, lineterminator="\n")


def write_json(data: Mapping[str, Any], path: Path) -> None:
    """Write plain data as JSON, in the order given."""
    with whole_file(path) as part:
        part.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def without_mark(cell: str) -> str:
    """Take off the apostrophe that ``write_csv`` put before text that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_BEGINNINGS else cell


def _as_text(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP, CSV injection)."""
    if isinstance(value, str) and value[:1] in _FORMULA_BEGINNINGS:
        return "'" + value
    return value
