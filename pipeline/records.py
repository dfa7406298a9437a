"""The records that pass between the stages: plain, frozen, and all in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

_HALVES = re.compile("[\ud800-\udfff]")

BlockKind = Literal["heading", "paragraph", "list_item", "table_row"]
DocumentKind = Literal["curriculum", "policy", "program", "other"]
DOCUMENT_KINDS: tuple[DocumentKind, ...] = ("curriculum", "policy", "program", "other")


@dataclass(frozen=True, slots=True)
class FoundBlock:
    """One block of text as a reader found it, before it has a place in the document's text.

    ``text`` holds no line breaks a writer did not mean. ``level`` is the heading's level
    (1 is the topmost) or a list item's depth (1 is the outermost), otherwise 0.
    ``pages`` are 1-based and in order; empty where the format has no pages. ``sureness`` says how
    sure text recognition (OCR) was of it, 0 to 1; None for text as the file stores it.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    pages: tuple[int, ...] = ()
    sureness: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader took from one file: its blocks in reading order, a title if it has one, warnings."""

    blocks: tuple[FoundBlock, ...]
    title: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its place: ``document.text[start:end]`` is its text, in code points."""

    start: int
    end: int
    kind: BlockKind
    heading_path: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    sureness: float | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One document: the exact text that is coded, where its blocks lie, and what the manifest says of it.

    ``id`` is the first 16 hex digits of the SHA-256 of the file's bytes (for a row of a table,
    of the row's text); a second document with the same content gets ``-2`` behind it.
    ``path`` is the path as the user can find it: for a file in a ZIP, ``outer.zip/inner.pdf``;
    for a row of a table, ``table.csv#12`` (the first row of data is 1).
    """

    id: str
    path: str
    text: str
    blocks: tuple[Block, ...]
    title: str
    kind: DocumentKind = "other"
    language: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of coding; ``document.text[start:end] == text``.

    ``lead_in`` is the sentence that introduces the list the passage is an item of, where that
    sentence lies outside the passage; a coder reads it, the offsets do not cover it. ``sureness`` says
    how sure OCR was of the text, 0 to 1; None for text as the file stores it.
    """

    id: str
    document_id: str
    order: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    word_count: int
    lead_in: str = ""
    sureness: float | None = None

    @property
    def coding_text(self) -> str:
        """The words a coder reads: the lead-in, if any, then the passage."""
        return f"{self.lead_in} {self.text}" if self.lead_in else self.text


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence that carries a frame in a passage and the words in it that moved the coding most.

    ``start`` and ``end`` are code-point offsets into the passage's text.
    """

    frame: str
    start: int
    end: int
    sentence: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """One passage's coding: calibrated probabilities, and what follows from them.

    ``probabilities`` has one entry a frame, in codebook order; ``any_frame`` is the probability
    that the passage carries any frame at all; ``frames`` are those coded, in codebook order;
    ``familiar`` says how near the passage lies to what the model was trained on (a cosine), if it knows.
    """

    passage_id: str
    probabilities: Mapping[str, float]
    any_frame: float
    frames: tuple[str, ...]
    primary: str | None
    needs_review: bool
    evidence: tuple[Evidence, ...] = ()
    familiar: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 with the two ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FrameShare:
    """How much of a document or group foregrounds one frame.

    ``passages`` and ``words`` are shares of all passages and of all words; ``framed`` is the
    share of the passages that carry any frame.
    """

    frame: str
    passages: Share
    words: Share
    framed: Share


@dataclass(frozen=True, slots=True)
class Profile:
    """The frames of one document or one group of documents."""

    unit: Literal["document", "group", "collection"]
    id: str
    name: str
    documents: int
    passages: int
    words: int
    any_frame: Share
    frames: tuple[FrameShare, ...]
    verdict: str
    leading: tuple[str, ...]
    not_foregrounded: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or row that was not profiled: which, what was found, and what the user can do."""

    path: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What the manifest says of one file: its kind, its title, and everything else as metadata."""

    kind: DocumentKind | None
    title: str | None
    metadata: Mapping[str, str]


def mean_sureness(parts: Sequence[tuple[float | None, int]]) -> float | None:
    """Average how surely parts of a text were read, weighted by length; text as stored counts as sure.

    None where no part was read by OCR.
    """
    if all(sureness is None for sureness, _ in parts):
        return None
    return sum((1.0 if s is None else s) * n for s, n in parts) / max(sum(n for _, n in parts), 1)


def as_path(path: str | Path) -> str:
    """Write a path the same way on every system, for ids, tables and reports.

    A name whose bytes are no UTF-8 (old archives hold some) can be opened and not written down: its
    unreadable parts are U+FFFD.
    """
    return without_halves(Path(path).as_posix())


def without_halves(text: str) -> str:
    """Return ``text`` with halves of characters (surrogates) joined, and lone ones as U+FFFD: no file can hold them."""
    return (
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if _HALVES.search(text)
        else text
    )
