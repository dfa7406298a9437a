"""The records of people's codings, and the names by which frames are known to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from labels.codebook import NO_FRAME, Codebook
from labels.problems import did_you_mean
from pipeline.errors import UnreadableDocumentError
from pipeline.tables import LIST_MARK

# How the primary frame of several was found: said by the coder, the only one, the one coded on most
# of the passage, the one stated first, or (where nothing tells) the first of the codebook.
PrimaryBy = Literal["coder", "only frame", "extent", "order", "codebook"]
NOBODY = "reviewer"  # the coder where neither the file nor the user names one
_NONE_WORDS = frozenset({NO_FRAME, "no frame", "no frames", "none of these"})
_PARTS = re.compile(r"\s*[;|\n]\s*")


@dataclass(frozen=True, slots=True)
class RunPassage:
    """One passage of a run, as its table has it; ``coding_text`` is what a coder reads."""

    id: str
    document_id: str
    document: str
    path: str
    order: int
    start: int
    end: int
    text: str
    lead_in: str
    frames: tuple[str, ...]

    @property
    def coding_text(self) -> str:
        """The lead-in, if any, then the passage."""
        return f"{self.lead_in} {self.text}" if self.lead_in else self.text


_READ = [f.name for f in fields(RunPassage) if f.name != "id"]  # the table's columns of the same names


@dataclass(frozen=True, slots=True)
class HumanCoding:
    """One passage as one person coded it; no frames means that the person found none.

    ``source`` says where it was read: a row of a sheet, the selections of a project.
    """

    passage_id: str
    coder: str
    frames: tuple[str, ...]
    primary: str | None
    primary_by: PrimaryBy | None
    comment: str
    source: str


@dataclass(frozen=True, slots=True)
class NotMatched:
    """Something a person wrote that could not be used: where it stands, what it is, what to do."""

    where: str
    found: str
    remedy: str


@dataclass(slots=True)
class Imported:
    """What was read of one file: codings, what could not be used, and what the user should know."""

    codings: list[HumanCoding] = field(default_factory=list)
    not_matched: list[NotMatched] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, where: str, found: str, remedy: str) -> None:
        """Record something that could not be used."""
        self.not_matched.append(NotMatched(where, found, remedy))


def read_passages(run: Path) -> list[RunPassage]:
    """Read the passages of a run from ``passages.parquet``; UnreadableDocumentError if it has none."""
    path = run / "passages.parquet"
    try:
        table = pd.read_parquet(path, columns=["passage_id", *_READ])
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableDocumentError(
            run, "the folder holds no run: passages.parquet is missing or damaged",
            "Name the folder that `equity-frames profile --out` wrote",
        ) from error  # fmt: skip
    rows: list[dict[Any, Any]] = table.to_dict("records")
    return [
        RunPassage(
            id=row.pop("passage_id"), **{**row, "frames": tuple(filter(None, row["frames"].split(LIST_MARK)))}
        )
        for row in rows
    ]


class FrameNames:
    """The codebook's frames by every name a person may write: id, name, short name, in any case."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self._known = dict.fromkeys(_NONE_WORDS, NO_FRAME)
        for frame in codebook.frames:
            for name in (frame.short_name, frame.name, frame.id):
                self._known[_plain(name)] = frame.id

    def find(self, written: str) -> str | None:
        """Return the frame's id, ``none`` for no frame, or None for a word that names no frame."""
        return self._known.get(_plain(written))

    def read(self, written: str) -> tuple[list[str], list[str]]:
        """Split a cell into frames in the order written (``none`` among them) and words that name no frame."""
        if not written.strip():
            return [], []
        parts = [written] if self.find(written) else [p for p in _PARTS.split(written) if p.strip()]
        found: list[str] = []
        unknown: list[str] = []
        for part in parts:
            # A comma may stand between frames or in a frame's own name.
            pieces = [part] if self.find(part) else [p for p in part.split(",") if p.strip()]
            for piece in pieces:
                frame = self.find(piece)
                if frame is None:
                    unknown.append(piece.strip())
                elif frame not in found:
                    found.append(frame)
        return found, unknown

    def remedy(self, unknown: Iterable[str]) -> str:
        """Say what could be meant by words that name no frame."""
        near = [n for n in (did_you_mean(_plain(word), self._known) for word in unknown) if n]
        frames = ", ".join((NO_FRAME, *self.codebook.frame_ids))
        return (
            f"Did you mean {' or '.join(near)}? Write one of: {frames}" if near else f"Write one of: {frames}"
        )


def primary_of(frames: list[str], said: str | None) -> tuple[str | None, PrimaryBy | None]:
    """Return the primary frame and how it was found: the coder's word, the only one, the first written."""
    if not frames:
        return None, None
    if said is not None:
        return said, "coder"
    return frames[0], "only frame" if len(frames) == 1 else "order"


def _plain(name: str) -> str:
    return " ".join(name.casefold().split()).strip(" .;,")
