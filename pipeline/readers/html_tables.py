"""Tables of HTML: rows of data become rows, tables used for layout become what stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.readers.tables import row_blocks
from pipeline.records import BlockKind

_CELL_PROSE_WORDS = 60


@dataclass(slots=True)
class Piece:
    """A block with what is needed to decide later whether it stays."""

    text: str
    kind: BlockKind
    level: int
    scope: int
    bold: bool


@dataclass(slots=True)
class Table:
    """A table being read: its rows of cells of pieces, and what tells its kind."""

    rows: list[list[list[Piece]]] = field(default_factory=list)
    plain_cells: list[int] = field(default_factory=list)  # cells a row that are not header cells
    layout: bool = False


def table_pieces(table: Table) -> list[Piece]:
    """Give the rows of a table as pieces; without rows, what stands in its cells, in order."""
    rows = [(row, plain) for row, plain in zip(table.rows, table.plain_cells, strict=True) if any(row)]
    everything = [piece for row, _ in rows for cell in row for piece in cell]
    if (
        table.layout
        or max((sum(map(bool, row)) for row, _ in rows), default=0) < 2
        or any(piece.kind in {"heading", "table_row"} for piece in everything)
    ):
        return everything
    if any(_is_prose(cell) for row, _ in rows for cell in row):
        return [piece for row, _ in rows for piece in _prose_row(row)]
    first, plain = rows[0]
    header = plain == 0 or all(piece.bold for cell in first for piece in cell)
    scope = everything[0].scope
    texts = [[_cell_text(cell) for cell in row] for row, _ in rows]
    return [Piece(b.text, b.kind, b.level, scope, False) for b in row_blocks(texts, header=header)]


def _is_prose(cell: list[Piece]) -> bool:
    return len(cell) > 1 and sum(len(piece.text.split()) for piece in cell) > _CELL_PROSE_WORDS


def _prose_row(row: list[list[Piece]]) -> list[Piece]:
    """Whole paragraphs in a cell stay paragraphs, after the short cells that say what they are about."""
    scope = next(piece.scope for cell in row for piece in cell)
    short = [[_cell_text(cell) for cell in row if not _is_prose(cell)]]
    pieces = [Piece(b.text, b.kind, b.level, scope, False) for b in row_blocks(short, header=False)]
    return pieces + [piece for cell in row if _is_prose(cell) for piece in cell]


def _cell_text(cell: list[Piece]) -> str:
    text = ""
    for piece in cell:
        between = "; " if piece.kind == "list_item" and text and text[-1] not in ".;:!?," else " "
        text += (between if text else "") + piece.text.replace("\n", " ")
    return text
