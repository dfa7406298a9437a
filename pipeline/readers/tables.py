"""Write the rows of a table as blocks a reader can follow without seeing the table."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.records import FoundBlock

# Above this a cell is prose, and a column's name before each sentence would only get in the way.
_SHORT_CELL_WORDS = 12
_NAME_WORDS = 8


def row_blocks(
    rows: Sequence[Sequence[str]], *, header: bool, pages: tuple[int, ...] = ()
) -> list[FoundBlock]:
    """One ``table_row`` block for each row with text, its cells joined by ``" | "``.

    With ``header`` the first row names the columns: where all cells of a row are short, each cell
    gets its column's name in front (``Grade: 6 | Topic: Rivers``). The header stays a row of its
    own unless each of its names came to stand in a row.
    """
    filled = [[" ".join(cell.split()) for cell in row] for row in rows]
    filled = [row for row in filled if any(row)]
    if not header or len(filled) < 2:
        return [_block(row, pages) for row in filled]
    names, body = filled[0], filled[1:]
    used: set[int] = set()
    blocks = [_block(_with_names(names, row, used), pages) for row in body]
    if all(position in used for position, name in enumerate(names) if name):
        return blocks
    return [_block(names, pages), *blocks]


def _with_names(names: Sequence[str], row: Sequence[str], used: set[int]) -> list[str]:
    if any(len(cell.split()) > _SHORT_CELL_WORDS for cell in row):
        return list(row)
    cells = []
    for position, cell in enumerate(row):
        name = names[position].rstrip(" :") if position < len(names) else ""
        if cell and name and len(name.split()) <= _NAME_WORDS:
            used.add(position)
            cells.append(cell if name.casefold() == cell.casefold() else f"{name}: {cell}")
        else:
            cells.append(cell)
    return cells


def _block(cells: Sequence[str], pages: tuple[int, ...]) -> FoundBlock:
    return FoundBlock(" | ".join(cell for cell in cells if cell), "table_row", 0, pages)
