"""Read Markdown by the CommonMark rules with tables; text laid out in pages is read as such."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from pipeline.readers.encoding import decode
from pipeline.readers.html_blocks import html_blocks
from pipeline.readers.layout import has_pages
from pipeline.readers.text import text_reading, with_words
from pipeline.records import Reading

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6} \S", re.MULTILINE)
_COLUMNS = re.compile(r"^(?!\s*[|>]).*\S {4,}\S", re.MULTILINE)
# One line in twenty with a gap inside it: a page that was drawn with spaces.
_LAYOUT_SHARE = 0.05


def read_markdown(path: Path) -> Reading:
    """Read the file at ``path``; raises ``UnreadableDocumentError`` where it holds no words.

    A title in YAML front matter goes before the first heading. Many files named ``.md`` are the
    text of a PDF with its columns kept: those go to the reader of plain text.
    """
    text, warnings = decode(path, path.read_bytes())
    title, text = _front_matter(text)
    if _is_layout(text):
        reading = text_reading(path, text, warnings)
        return Reading(reading.blocks, title or reading.title, reading.warnings)
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    blocks, heading = html_blocks(html)
    first = next((block.text for block in blocks[:3] if block.kind == "heading"), None)
    return with_words(path, blocks, title or heading or first, warnings)


def _is_layout(text: str) -> bool:
    if has_pages(text):
        return True
    if _HEADING.search(text):
        return False
    lines = sum(1 for line in text.split("\n") if line.strip())
    return len(_COLUMNS.findall(text)) > max(2, _LAYOUT_SHARE * lines)


def _front_matter(text: str) -> tuple[str | None, str]:
    """Give the title in the YAML at the head of ``text``, if there is one, and the text after it.

    What looks like front matter and is not (prose between two rules) stays in the text.
    """
    found = _FRONT_MATTER.match(text)
    if found is None:
        return None, text
    try:
        head: Any = yaml.safe_load(found.group(1))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None, text
    if not isinstance(head, dict):
        return None, text
    title = head.get("title")
    plain = " ".join(str(title).split()) if isinstance(title, str | int | float) else ""
    return plain or None, text[found.end() :]
