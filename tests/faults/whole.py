"""One sound file of every format that is read, as bytes: what hostile ones are made from."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from pathlib import Path

import pyarrow
import pyarrow.parquet
import xlsxwriter

SAMPLES = Path(__file__).parent.parent.parent / "corpora" / "samples"
PROSE = (
    "The district pays for a second bus so that pupils from the valley can stay for the robotics club.",
    "Every school counts who takes algebra in grade eight, and says so each spring to the board.",
    "Teachers meet twice a month to plan the units that begin with the creek behind the school.",
)
ROWS = tuple((f"Program {i}", str(2020 + i), PROSE[i % 3]) for i in range(4))
HEAD = ("title", "year", "text")


def zipped(members: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def odt(body: str | None = None, *, doctype: str = "", kind: str = "text") -> bytes:
    body = body or "".join(f"<text:p>{p}</text:p>" for p in PROSE)
    content = (
        f'<?xml version="1.0"?>{doctype}<office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/></manifest:manifest>'
    )
    return zipped({"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest})


def ods(rows: str | None = None) -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = rows or "".join(
        f"<table:table-row>{''.join(cell.format(c) for c in row)}</table:table-row>" for row in (HEAD, *ROWS)
    )
    return odt(f'<table:table table:name="a">{rows}</table:table>', kind="spreadsheet")


def epub(chapter: str | None = None, *, doctype: str = "", spine: str = '<itemref idref="c"/>') -> bytes:
    chapter = chapter or f"<html><body>{''.join(f'<p>{p}</p>' for p in PROSE)}</body></html>"
    return zipped({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": f'<?xml version="1.0"?>{doctype}<container><rootfiles>'
        '<rootfile full-path="book.opf"/></rootfiles></container>',
        "book.opf": f'<?xml version="1.0"?>{doctype}<package><metadata><title>Buses</title></metadata><manifest>'
        '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        f"<spine>{spine}</spine></package>",
        "c.xhtml": chapter,
    })  # fmt: skip


def rtf(inside: str | None = None) -> bytes:
    text = inside if inside is not None else "\\par\n".join(PROSE)
    return f"{{\\rtf1\\ansi {text}\\par}}".encode()


@cache
def xlsx() -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate((HEAD, *ROWS)):
            sheet.write_row(i, 0, row)
    return data.getvalue()


@cache
def parquet() -> bytes:
    data = io.BytesIO()
    columns = {name: [row[i] for row in ROWS] for i, name in enumerate(HEAD)}
    pyarrow.parquet.write_table(pyarrow.table(columns), data)
    return data.getvalue()


def lines(separator: str) -> bytes:
    return "\n".join(separator.join(row) for row in (HEAD, *ROWS)).encode()


@cache
def whole() -> dict[str, bytes]:
    """Give a sound file for each ending."""
    return {
        ".pdf": (SAMPLES / "policy-6142-course-access.pdf").read_bytes(),
        ".docx": (SAMPLES / "unit-kitchen-science.docx").read_bytes(),
        ".pptx": (SAMPLES / "deck-course-placement.pptx").read_bytes(),
        ".html": (SAMPLES / "newsletter-spring-2025.html").read_bytes(),
        ".md": (SAMPLES / "unit-living-with-the-marsh.md").read_bytes(),
        ".csv": (SAMPLES / "programs-2022-2025.csv").read_bytes(),
        ".txt": "\n\n".join(PROSE).encode(),
        ".odt": odt(),
        ".ods": ods(),
        ".epub": epub(),
        ".rtf": rtf(),
        ".xlsx": xlsx(),
        ".parquet": parquet(),
        ".tsv": lines("\t"),
        ".jsonl": "\n".join(json.dumps(dict(zip(HEAD, row, strict=True))) for row in ROWS).encode(),
    }
