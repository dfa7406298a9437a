"""Read OpenDocument texts: their XML becomes HTML for the shared block reader."""

from __future__ import annotations

import html
import zipfile
from pathlib import Path

from lxml import etree

from pipeline.archive import ZIP_ERRORS, check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.readers.html_blocks import html_blocks
from pipeline.readers.text import with_words
from pipeline.records import Reading

# No entities, no network: a document has no business with either.
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_ELEMENTS = {
    f"{_TEXT}list": "ul",
    f"{_TEXT}list-item": "li",
    f"{_TEXT}list-header": "li",
    f"{_TABLE}table": "table",
    f"{_TABLE}table-header-rows": "thead",
    f"{_TABLE}table-row": "tr",
    f"{_TABLE}table-cell": "td",
}
_SPACES = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "<br>"}
# Deleted text, comments, footnote numbers, and indexes that repeat the headings.
_LEFT_OUT = frozenset(
    (
        f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note-citation",
        f"{_TEXT}table-of-content", f"{_TEXT}alphabetical-index", f"{_OFFICE}forms",
        f"{_TEXT}sequence-decls",
    )
)  # fmt: skip


def read_odt(path: Path) -> Reading:
    """Read the OpenDocument text at ``path``; raises ``UnreadableDocumentError`` if damaged or empty."""
    check_container(path)
    try:
        with zipfile.ZipFile(path) as archive:
            root = parse_xml(archive.read("content.xml"))
    except (KeyError, etree.XMLSyntaxError, *ZIP_ERRORS) as error:
        raise UnreadableDocumentError(
            path,
            "it is not a sound OpenDocument text",
            "Open it in LibreOffice and save it again as .odt",
        ) from error
    blocks, title = html_blocks(_as_html(root))
    return with_words(path, blocks, title)


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML without entities, network or external definitions; raises ``etree.XMLSyntaxError``."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def _as_html(root: etree._Element) -> str:
    titles = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        if style.get(f"{_STYLE}parent-style-name") == "Title"
    } | {"Title"}
    body = root.find(f".//{_OFFICE}text")
    parts: list[str] = []
    notes: list[str] = []
    if body is None:
        return ""
    # A stack of its own, because the depth of the tree is the writer's choice.
    waiting: list[tuple[etree._Element, bool]] = [(body, False)]
    out = parts
    ends: dict[etree._Element, str] = {}
    while waiting:
        element, closing = waiting.pop()
        tag = element.tag
        if closing:
            out.append(ends.pop(element))
            if tag == f"{_TEXT}note-body":
                out = parts
            out.append(html.escape(element.tail or ""))
            continue
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            out.append(html.escape(element.tail or ""))
            continue
        if tag in _SPACES:
            out.append(_SPACES[tag] + html.escape(element.tail or ""))
            continue
        if tag == f"{_TEXT}note-body":
            out = notes  # footnotes follow the text, as in print
        name = _html_name(element, titles)
        out.append(_opening(element, name))
        ends[element] = f"</{name}>" if name else ""
        out.append(html.escape(element.text or ""))
        waiting.append((element, True))
        waiting.extend((child, False) for child in reversed(element))
    return "".join(parts + notes)


def _html_name(element: etree._Element, titles: set[str | None]) -> str:
    if element.tag == f"{_TEXT}h":
        level = element.get(f"{_TEXT}outline-level") or "1"
        return f"h{min(int(level), 6) if level.isdecimal() and level != '0' else 1}"
    if element.tag == f"{_TEXT}p":
        return "h1" if element.get(f"{_TEXT}style-name") in titles else "p"
    return _ELEMENTS.get(str(element.tag), "")


def _opening(element: etree._Element, name: str) -> str:
    span = element.get(f"{_TABLE}number-columns-spanned") or ""
    if name == "td" and span.isdecimal():
        return f'<td colspan="{span}">'
    return f"<{name}>" if name else ""
