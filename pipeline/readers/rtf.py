"""Read RTF files."""

from __future__ import annotations

import re
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.lines import Line
from pipeline.readers.paragraphs import line_blocks
from pipeline.readers.tables import row_blocks
from pipeline.readers.text import title_of, with_words
from pipeline.records import FoundBlock, Reading

_LINK_TARGET = re.compile(r"(?<=\S)\((?:https?://|mailto:)[^()\s]{1,500}\)")


def read_rtf(path: Path) -> Reading:
    """Read the RTF file at ``path``; raises ``UnreadableDocumentError`` if it is damaged or empty.

    The format's paragraphs come as lines and its table rows as cells between bars. Its styles are
    not read: headings are found as in plain text.
    """
    source = path.read_bytes().decode("cp1252", errors="replace")
    try:
        text: str = rtf_to_text(source, errors="ignore")  # type: ignore[no-untyped-call]  # it publishes no types
    except (ValueError, LookupError, ArithmeticError, RecursionError) as error:
        raise UnreadableDocumentError(
            path,
            "it is not a sound RTF document",
            "Open it in Word or LibreOffice and save it as .docx",
        ) from error
    blocks: list[FoundBlock] = []
    paragraphs: list[Line] = []
    rows: list[list[str]] = []
    for line in [*_LINK_TARGET.sub("", text).split("\n"), ""]:
        if line.count("|") and line.rstrip().endswith("|"):
            blocks += _paragraphs(paragraphs)
            rows.append(line.rstrip().rstrip("|").split("|"))
            continue
        if rows:
            blocks += row_blocks(rows, header=False)
            rows = []
        # Each line is a paragraph; the empty one after it says so.
        paragraphs += [Line(line.rstrip().expandtabs(4)), Line("")]
    blocks += _paragraphs(paragraphs)
    return with_words(path, blocks, title_of(blocks))


def _paragraphs(lines: list[Line]) -> list[FoundBlock]:
    blocks = line_blocks(lines)
    lines.clear()
    return blocks
