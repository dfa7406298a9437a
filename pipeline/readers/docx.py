"""Read Word files: mammoth turns them into HTML, the shared block reader into blocks."""

from __future__ import annotations

from pathlib import Path
from xml.parsers.expat import ExpatError

import mammoth

from pipeline.archive import ZIP_ERRORS, check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.readers.html_blocks import html_blocks
from pipeline.readers.text import with_words
from pipeline.records import Reading

# Word's own title style is a heading to a reader; its table of contents repeats the headings.
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name^='toc '] => !
p[style-name^='TOC '] => !
p[style-name='Table of Contents'] => !
"""


def read_docx(path: Path) -> Reading:
    """Read the Word file at ``path``; raises ``UnreadableDocumentError`` if it is damaged or empty.

    Tracked insertions, text boxes and footnotes are kept; deletions, comments, pictures, heads and
    feet are not. Word files have no fixed pages, so the blocks carry none.
    """
    check_container(path)
    try:
        with path.open("rb") as file:
            result = mammoth.convert_to_html(
                file, style_map=_STYLES, convert_image=mammoth.images.img_element(_no_image)
            )
    except (
        *ZIP_ERRORS,  # with tables ten thousand deep: RecursionError is a RuntimeError
        LookupError,  # also an encoding that nobody knows
        ValueError,
        AttributeError,
        ExpatError,
    ) as error:
        raise UnreadableDocumentError(
            path,
            "it is not a sound Word document",
            "Open it in Word or LibreOffice and save it again as .docx",
        ) from error
    blocks, title = html_blocks(result.value)
    return with_words(path, blocks, title)


def _no_image(_: object) -> dict[str, str]:
    """Pictures are not read; their bytes would only swell the HTML."""
    return {"src": ""}
