"""Read plain text, wrapped or not, with or without pages, in any encoding."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.encoding import decode
from pipeline.readers.layout import page_lines
from pipeline.readers.paragraphs import line_blocks
from pipeline.records import FoundBlock, Reading

# A title stands at the head of a text.
_TITLE_WITHIN = 4
_SHORT_WORDS = 15


def read_text(path: Path) -> Reading:
    """Read a plain text; raises ``UnreadableDocumentError`` where it holds no words."""
    text, warnings = decode(path, path.read_bytes())
    return text_reading(path, text, warnings)


def text_reading(path: Path, text: str, warnings: tuple[str, ...] = ()) -> Reading:
    """Give the reading of a text already decoded."""
    blocks = line_blocks(page_lines(text))
    return with_words(path, blocks, title_of(blocks), warnings)


def title_of(blocks: list[FoundBlock]) -> str | None:
    """Give the first heading, if nothing but a few short lines (a date, a school) stands above it."""
    for block in blocks[:_TITLE_WITHIN]:
        if block.kind == "heading":
            return block.text
        if len(block.text.split()) > _SHORT_WORDS:
            return None
    return None


def with_words(
    path: Path, blocks: list[FoundBlock], title: str | None, warnings: tuple[str, ...] = ()
) -> Reading:
    """Give a reading of ``blocks``; raises ``UnreadableDocumentError`` if they hold no letter or digit."""
    if not any(character.isalnum() for block in blocks for character in block.text):
        raise UnreadableDocumentError(
            path,
            "it holds no words",
            "If the text is in a picture, give a PDF with a text layer or type the text out",
        )
    return Reading(tuple(blocks), title, warnings)
