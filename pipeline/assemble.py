"""From a reader's blocks to a document: one text, and the place of every block in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.records import Block, Document, DocumentKind, FoundBlock

_TIGHT = {"list_item", "table_row"}  # these follow one another on lines of their own


def assemble(
    blocks: Sequence[FoundBlock],
    *,
    id: str,  # noqa: A002 - the record's own field
    path: str,
    title: str | None = None,
    kind: DocumentKind = "other",
    language: str | None = None,
    metadata: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
) -> Document:
    """Join ``blocks`` into the document's text and note where each one lies.

    Blocks are parted by a blank line, items and rows of one list or table by a line break.
    A heading's own path holds the headings above it, without itself.
    """
    pieces: list[str] = []
    placed: list[Block] = []
    at, path_now, previous = 0, _Headings(), ""
    for block in blocks:
        text = block.text.strip()
        if not text:
            continue
        gap = "" if not pieces else "\n" if block.kind in _TIGHT and block.kind == previous else "\n\n"
        at += len(gap)
        if block.kind == "heading":
            path_now.close(block.level)
        placed.append(Block(at, at + len(text), block.kind, path_now.path(), block.pages, block.sureness))
        if block.kind == "heading":
            path_now.open(block.level, text)
        pieces += [gap, text]
        at += len(text)
        previous = block.kind
    return Document(
        id=id,
        path=path,
        text="".join(pieces),
        blocks=tuple(placed),
        title=title or _first_heading(blocks) or path.rsplit("/", 1)[-1],
        kind=kind,
        language=language,
        metadata=dict(metadata or {}),
        warnings=tuple(warnings),
    )


class _Headings:
    """The headings that are open at a point of the document, outermost first."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def close(self, level: int) -> None:
        while self._open and self._open[-1][0] >= level:
            self._open.pop()

    def open(self, level: int, text: str) -> None:
        self._open.append((level, text))

    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._open)


def _first_heading(blocks: Sequence[FoundBlock]) -> str | None:
    return next((b.text.strip() for b in blocks if b.kind == "heading" and b.text.strip()), None)
