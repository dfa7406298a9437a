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


def read_text(path: Path) -> Reading:
    """Read a plain text; raises ``UnreadableDocumentError`` where it holds no words."""
    text, warnings = decode(path, path.read_bytes())
    return text_reading(path, text, warnings)


def text_reading(path: Path, text: str, warnings: tuple[str, ...] = ()) -> Reading:
    """The reading of a text already decoded."""
    blocks = line_blocks(page_lines(text))
    title = next((block.text for block in blocks[:_TITLE_WITHIN] if block.kind == "heading"), None)
    return with_words(path, blocks, title, warnings)


def with_words(
    path: Path, blocks: list[FoundBlock], title: str | None, warnings: tuple[str, ...] = ()
) -> Reading:
    """A reading of ``blocks``; raises ``UnreadableDocumentError`` if they hold no letter or digit."""
    if not any(character.isalnum() for block in blocks for character in block.text):
        raise UnreadableDocumentError(
            path,
            "it holds no words",
            "If the text is in a picture, give a PDF with a text layer or type the text out",
        )
    return Reading(tuple(blocks), title, warnings)
