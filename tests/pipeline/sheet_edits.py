"""Write into a workbook as a spreadsheet program would, without one."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_rowcol_to_cell


def rows_of(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def write_cells(path: Path, out: Path, cells: dict[tuple[int, str], str], sheet: int = 2) -> Path:
    """Fill cells of a sheet: ``{(row of data from 1, column's name): text}``."""
    head = [str(h) for h in rows_of(path, "passages")[0]]
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == f"xl/worksheets/sheet{sheet}.xml":
                text = data.decode("utf-8")
                for (row, column), value in cells.items():
                    cell = xl_rowcol_to_cell(row, head.index(column))
                    filled = f'<c r="{cell}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
                    text, done = re.subn(rf'<c r="{cell}"(?: s="\d+")?/>', lambda _, f=filled: f, text)
                    assert done == 1, cell
                data = text.encode("utf-8")
            new.writestr(name, data)
    return out
