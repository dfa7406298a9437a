"""A run's passages and codings, read back from its table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.errors import UnreadableDocumentError
from pipeline.records import Coding, Passage
from pipeline.tables import read_passage_table


def read_codings(run: Path, frames: Sequence[str]) -> list[tuple[Passage, Coding]]:
    """Read ``passages.parquet`` of a run; UnreadableDocumentError if it is missing or of other frames."""
    try:
        return read_passage_table(pd.read_parquet(run / "passages.parquet"), frames)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableDocumentError(
            run, "the folder holds no run: passages.parquet is missing, damaged or of another codebook",
            "Name the folder that `equity-frames profile --out` wrote",
        ) from error  # fmt: skip
