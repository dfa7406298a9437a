"""Read PowerPoint files: a slide is a page, its title a heading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError

from pipeline.archive import ZIP_ERRORS, check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.readers.tables import row_blocks
from pipeline.readers.text import with_words
from pipeline.records import FoundBlock, Reading

_TITLES = frozenset((PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE))
# The same on every slide.
_FURNITURE = frozenset((PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER))


def read_pptx(path: Path) -> Reading:
    """Read the slides at ``path`` with their tables and speaker's notes, in order.

    Raises ``UnreadableDocumentError`` if the file is damaged or holds no words.
    """
    check_container(path)
    try:
        slides = pptx.Presentation(str(path)).slides
        blocks: list[FoundBlock] = []
        for number, slide in enumerate(slides, start=1):
            blocks += _slide_blocks(slide, number)
    except (
        *ZIP_ERRORS,
        LookupError,
        ValueError,
        AttributeError,
        PythonPptxError,
        etree.LxmlError,
    ) as error:
        raise UnreadableDocumentError(
            path,
            "it is not a sound PowerPoint file",
            "Open it in PowerPoint or LibreOffice and save it again as .pptx",
        ) from error
    title = next((block.text for block in blocks if block.kind == "heading"), None)
    return with_words(path, blocks, title)


def _slide_blocks(slide: Any, number: int) -> list[FoundBlock]:
    """Give the title first, wherever it was drawn, then the shapes from front to back, then the notes."""
    head: list[FoundBlock] = []
    body: list[FoundBlock] = []
    for shape in _shapes(slide.shapes):
        kind = shape.placeholder_format.type if shape.is_placeholder else None
        if kind in _FURNITURE:
            continue
        if getattr(shape, "has_table", False) and shape.has_table:
            rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
            body += row_blocks(rows, header=bool(shape.table.first_row), pages=(number,))
        elif shape.has_text_frame:
            if kind in _TITLES:
                text = _plain(shape.text_frame.text)
                head += [FoundBlock(text, "heading", 1 if number == 1 else 2, (number,))] if text else []
            else:
                body += _text_blocks(shape.text_frame, number)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            if text := _plain(paragraph.text):
                body.append(FoundBlock(text, "paragraph", 0, (number,)))
    return head + body


def _text_blocks(frame: Any, number: int) -> list[FoundBlock]:
    """Several paragraphs in one box are a list by its levels; a single one is a paragraph."""
    found = [(text, paragraph.level) for paragraph in frame.paragraphs if (text := _plain(paragraph.text))]
    if len(found) == 1:
        return [FoundBlock(found[0][0], "paragraph", 0, (number,))]
    return [FoundBlock(text, "list_item", level + 1, (number,)) for text, level in found]


def _shapes(shapes: Any) -> Iterator[Any]:
    """All shapes in drawing order, those inside groups too, however deep."""
    waiting = [iter(shapes)]
    while waiting:
        shape = next(waiting[-1], None)
        if shape is None:
            waiting.pop()
        elif hasattr(shape, "shapes"):
            waiting.append(iter(shape.shapes))
        else:
            yield shape


def _plain(text: str) -> str:
    """One line; a line break inside a paragraph comes as a vertical tab."""
    return " ".join(text.replace("\x0b", " ").split())
