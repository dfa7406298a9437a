"""Read EPUB books: their chapters, in the order of the book's spine."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from pipeline.archive import ZIP_ERRORS, check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.readers.encoding import decode
from pipeline.readers.html_blocks import html_blocks
from pipeline.readers.odt import parse_xml
from pipeline.readers.text import with_words
from pipeline.records import FoundBlock, Reading

_LOCKS = "META-INF/encryption.xml"
_CHAPTERS = frozenset(("application/xhtml+xml", "text/html"))


def read_epub(path: Path) -> Reading:
    """Read the book at ``path`` without its navigation; raises ``UnreadableDocumentError`` if damaged,
    copy-protected or empty.
    """
    check_container(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            title, chapters = _spine(archive, _package_name(archive))
            locked = _locked(archive) if _LOCKS in names else frozenset[str]()
            missing = [name for name in chapters if name not in names]
            pages = [archive.read(name) for name in chapters if name in names]
    except (KeyError, ValueError, etree.XMLSyntaxError, *ZIP_ERRORS) as error:
        raise UnreadableDocumentError(
            path, "it is not a sound EPUB book", "Fetch it again, or save it as .docx or .pdf"
        ) from error
    if locked.intersection(chapters):
        raise UnreadableDocumentError(path, "the book is copy-protected", "Use a copy without protection")
    blocks: list[FoundBlock] = []
    for page in pages:
        text, _ = decode(path, page, declared=True)
        found, heading = html_blocks(text, page=True)
        blocks += found
        title = title or heading
    lost = (f"{len(missing)} chapter(s) named in the book are not in the file",) if missing else ()
    return with_words(path, blocks, title, lost)


def _locked(archive: zipfile.ZipFile) -> frozenset[str]:
    """Give the files that are encrypted; often only the fonts are."""
    root = parse_xml(archive.read(_LOCKS))
    return frozenset(unquote(found.get("URI") or "") for found in root.iter("{*}CipherReference"))


def _package_name(archive: zipfile.ZipFile) -> str:
    root = parse_xml(archive.read("META-INF/container.xml"))
    for element in root.iter("{*}rootfile"):
        name = element.get("full-path")
        if name:
            return name
    raise KeyError("rootfile")


def _spine(archive: zipfile.ZipFile, package: str) -> tuple[str | None, list[str]]:
    root = parse_xml(archive.read(package))
    folder = posixpath.dirname(package)
    items: dict[str, str] = {}
    for item in root.iter("{*}item"):
        is_chapter = (
            item.get("media-type") in _CHAPTERS and "nav" not in (item.get("properties") or "").split()
        )
        if is_chapter and item.get("id") and item.get("href"):
            target = unquote((item.get("href") or "").split("#")[0])
            items[item.get("id") or ""] = posixpath.normpath(posixpath.join(folder, target))
    named = next((" ".join((found.text or "").split()) for found in root.iter("{*}title")), "")
    order = [
        items[ref] for ref in (item.get("idref") or "" for item in root.iter("{*}itemref")) if ref in items
    ]
    return named or None, list(dict.fromkeys(order))
