"""A run's passages and codings, read back from its table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import UnreadableDocumentError
from pipeline.passage_file import PassageFile
from pipeline.records import Coding, Passage


def read_codings(run: Path, frames: Sequence[str]) -> list[tuple[Passage, Coding]]:
    """Read ``passages.parquet`` of a run; UnreadableDocumentError if it is missing or of other frames."""
    try:
        return [row for _, own in PassageFile(run / "passages.parquet", frames).each() for row in own]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableDocumentError(
            run, "the folder holds no run: passages.parquet is missing, damaged or of another codebook",
            "Name the folder that `equity-frames profile --out` wrote",
        ) from error  # fmt: skip
