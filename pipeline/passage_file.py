"""A run's table of passages, read document by document: its numbers in memory, its words on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.records import Coding, Passage
from pipeline.tables import read_passage_row

Coded = list[tuple[Passage, Coding]]
Row = dict[str, Any]


class PassageFile:
    """``passages.parquet`` of a run, whose documents' passages stand together and in order.

    ``probabilities`` (n passages, k frames), ``any_frame`` (n,), ``words`` (n,) and ``needs_review`` (n,)
    are in the table's order; ``places`` says by document id where in it the document's passages are.
    What else a passage is, is read when it is asked for: fastest in the table's order. FileNotFoundError
    if there is no such file; ValueError or KeyError if it is another table.
    """

    def __init__(self, path: Path, frames: Sequence[str]) -> None:
        if not path.is_file():
            raise FileNotFoundError(2, "there is no such file", str(path))
        self._frames = tuple(frames)
        self._file = pq.ParquetFile(path)
        numbers = [f"p_{f}" for f in frames]
        columns = {"document_id", "words", "needs_review", "p_any_frame", *numbers}
        missing = sorted(columns - set(self._file.schema_arrow.names))
        if missing:
            raise KeyError(", ".join(missing))
        table = self._file.read(columns=sorted(columns))
        self.probabilities = np.column_stack(
            [np.zeros((len(table), 0)), *(table[c].to_numpy() for c in numbers)]
        )
        self.any_frame: NDArray[np.float64] = table["p_any_frame"].to_numpy()
        self.words: NDArray[np.int64] = table["words"].to_numpy()
        self.needs_review: NDArray[np.bool_] = table["needs_review"].to_numpy()
        self.places = _places(table["document_id"].to_numpy())
        groups = [self._file.metadata.row_group(i).num_rows for i in range(self._file.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(groups, dtype=np.int64)])
        self._group: tuple[int, Any] = (-1, None)

    def place(self, document_id: str) -> slice:
        """Return where in the table a document's passages are."""
        return self.places.get(document_id, slice(0, 0))

    def rows(self, document_id: str) -> list[Row]:
        """Return a document's rows of the table, in order."""
        place = self.place(document_id)
        found: list[Row] = []
        at = place.start
        while at < place.stop:
            group = int(np.searchsorted(self._starts, at, side="right")) - 1
            if self._group[0] != group:
                self._group = (group, self._file.read_row_group(group))
            first = int(self._starts[group])
            many = min(place.stop, int(self._starts[group + 1])) - at
            found += self._group[1].slice(at - first, many).to_pylist()
            at += many
        return found

    def coded(self, document_id: str) -> Coded:
        """Return a document's passages with their codings, in order."""
        return [read_passage_row(row, self._frames) for row in self.rows(document_id)]

    def each(self, *, framed: bool = False) -> Iterator[tuple[str, Coded]]:
        """Give every document's id and passages, ``framed``: only those with evidence, in the table's order."""
        for document_id in self.places:
            rows = (row for row in self.rows(document_id) if row["evidence"] or not framed)
            yield document_id, [read_passage_row(row, self._frames) for row in rows]

    def each_row(self) -> Iterator[Row]:
        """Give every row of the table."""
        for document_id in self.places:
            yield from self.rows(document_id)


def _places(ids: NDArray[np.object_]) -> dict[str, slice]:
    """Where each document's rows are; ValueError where they do not stand together."""
    if not len(ids):
        return {}
    starts = [0, *(np.flatnonzero(ids[1:] != ids[:-1]) + 1).tolist(), len(ids)]
    places = {str(ids[first]): slice(first, last) for first, last in pairwise(starts)}
    if len(places) != len(starts) - 1:
        raise ValueError("the passages of a document do not stand together")
    return places
