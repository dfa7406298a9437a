"""One reader a format; each takes a path and returns a Reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.docx import read_docx
from pipeline.readers.epub import read_epub
from pipeline.readers.html import read_html
from pipeline.readers.markdown import read_markdown
from pipeline.readers.odt import read_odt
from pipeline.readers.pdf import read_pdf
from pipeline.readers.pptx import read_pptx
from pipeline.readers.rows import Row, read_rows
from pipeline.readers.rtf import read_rtf
from pipeline.readers.sniff import true_suffix
from pipeline.readers.text import read_text
from pipeline.records import Reading, Skipped

# A new format is one file and one line. The keys are what ``true_suffix`` gives.
READERS: Mapping[str, Callable[[Path], Reading]] = MappingProxyType(
    {
        ".docx": read_docx,
        ".epub": read_epub,
        ".html": read_html,
        ".md": read_markdown,
        ".odt": read_odt,
        ".pdf": read_pdf,
        ".pptx": read_pptx,
        ".rtf": read_rtf,
        ".txt": read_text,
    }
)
# Tables of documents: a row is a document.
ROW_READERS: Mapping[str, Callable[..., list[Row | Skipped]]] = MappingProxyType(
    dict.fromkeys((".csv", ".jsonl", ".ods", ".parquet", ".tsv", ".xlsx"), read_rows)
)

__all__ = ["READERS", "ROW_READERS", "Row", "read_file", "read_rows", "true_suffix"]


def read_file(path: Path) -> Reading:
    """Read one document by what it is, with a warning where its name says another.

    Raises ``UnreadableDocumentError`` where it cannot be read, and for tables (see ``read_rows``).
    """
    suffix, warning = true_suffix(path)
    if suffix not in READERS:
        raise UnreadableDocumentError(
            path, "it is a table or an archive and not one document", "Give it as an input of its own"
        )
    reading = READERS[suffix](path)
    return replace(reading, warnings=(warning, *reading.warnings)) if warning else reading
