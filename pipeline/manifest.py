"""The manifest: a CSV in which the user says what each document is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from pipeline.errors import UnreadableDocumentError
from pipeline.records import DOCUMENT_KINDS, ManifestRow, as_path

_PATH, _KIND, _TITLE = "path", "kind", "title"


class Manifest:
    """Rows by file. A row's path matches a file by its last parts: ``a/b.pdf`` matches ``x/a/b.pdf``."""

    def __init__(self, rows: Mapping[str, ManifestRow], source: str = "") -> None:
        self.rows, self.source = dict(rows), source
        self._used: set[str] = set()

    def row(self, path: str) -> ManifestRow | None:
        """Return the row of a file, the longest match first; None if the manifest has none."""
        parts = as_path(path).split("/")
        for first in range(len(parts)):
            key = "/".join(parts[first:])
            if key in self.rows:
                self._used.add(key)
                return self.rows[key]
        return None

    def unused(self) -> tuple[str, ...]:
        """Return the paths for which no file has been asked about."""
        return tuple(sorted(set(self.rows) - self._used))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the metadata columns, in the file's order."""
        first = next(iter(self.rows.values()), None)
        return tuple(first.metadata) if first else ()


def read_manifest(path: Path) -> Manifest:
    """Read a manifest CSV with the column ``path`` and, where wanted, ``kind``, ``title`` and others.

    UnreadableDocumentError if it cannot be read, has no ``path`` column, names a file twice or
    gives a kind that is none.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UnreadableDocumentError(
            path,
            f"the manifest cannot be read as a table ({error})".rstrip(". "),
            "Save it as CSV (UTF-8) with a first row of column names",
        ) from error
    table.columns = [str(c).strip() for c in table.columns]
    if _PATH not in table.columns:
        raise UnreadableDocumentError(
            path,
            f"the manifest has no column 'path'; its columns are {', '.join(table.columns)}",
            "Name the column that holds the file paths 'path'",
        )
    rows: dict[str, ManifestRow] = {}
    for number, cells in enumerate(table.to_dict("records"), 2):
        row = {str(k): str(v).strip() for k, v in cells.items()}
        key = as_path(row.pop(_PATH)).removeprefix("./")
        if key in rows:
            raise UnreadableDocumentError(path, f"line {number} names {key} again", "Keep one line a file")
        kind = row.pop(_KIND, "").lower() or None
        if kind is not None and kind not in DOCUMENT_KINDS:
            raise UnreadableDocumentError(
                path, f"line {number} has the kind '{kind}'", f"Use one of {', '.join(DOCUMENT_KINDS)}"
            )
        rows[key] = ManifestRow(kind, row.pop(_TITLE, "") or None, row)
    return Manifest(rows, as_path(path))


def metadata_columns(documents: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Return every metadata column that occurs, in order of first occurrence."""
    return tuple(dict.fromkeys(column for metadata in documents for column in metadata))
