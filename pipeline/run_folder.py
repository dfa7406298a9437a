"""The folder that a run writes: what lies where in it, and how one is known. Imports next to nothing."""

from __future__ import annotations

import re
from pathlib import Path

RUN_FILE, CODEBOOK_FILE, REPORT_FILE = "run.json", "codebook.json", "report.html"
PROFILES_FOLDER, PAGES_FOLDER = "profiles", "reports"
STORE_FOLDER, STORE_FILE = ".unfinished", "run.sqlite"
DOCUMENT_FILE = re.compile(r"[0-9a-f]{16}(?:-\d+)?")  # the names a document's own files may have
_TABLES = ("passages.parquet", "profiles.parquet", "groups.parquet")


def is_unfinished(out: Path) -> bool:
    """Say whether ``out`` holds a run that was begun and not finished."""
    return (out / STORE_FOLDER / STORE_FILE).is_file()


def is_run(folder: Path) -> bool:
    """Say whether a folder is what a run wrote, or began; False where it cannot be opened."""
    try:
        return is_unfinished(folder) or all((folder / name).is_file() for name in _TABLES)
    except OSError:
        return False
