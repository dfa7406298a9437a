"""Read a web page: its main content, not its menus."""

from __future__ import annotations

from pathlib import Path

from pipeline.readers.encoding import decode
from pipeline.readers.html_blocks import html_blocks
from pipeline.readers.text import with_words
from pipeline.records import Reading


def read_html(path: Path) -> Reading:
    """Read the page at ``path``; raises ``UnreadableDocumentError`` where it holds no words."""
    text, warnings = decode(path, path.read_bytes(), declared=True)
    blocks, title = html_blocks(text, page=True)
    return with_words(path, blocks, title, warnings)
