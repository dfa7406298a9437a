"""Tell what a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.archive import ZIP_ERRORS, open_archive
from pipeline.errors import UnreadableDocumentError

_HEAD_BYTES = 4096
_AS_DOCX = "Save it as .docx and give that file"
_AS_PPTX = "Save it as .pptx and give that file"
_AS_XLSX = "Save it as .xlsx or .csv and give that file"
_PICTURE = "Give a PDF with a text layer, or type the text out"
_SPEECH = "Give a transcript as .txt or .docx"

# Kinds of file that are refused by name: what they are and what to do instead.
_REFUSED_SUFFIXES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys((".doc", ".dot", ".wpd", ".wps", ".wri"), (
        "it is an old word processor's file", _AS_DOCX)),
    **dict.fromkeys((".ppt", ".pps", ".pot"), ("it is an old PowerPoint file", _AS_PPTX)),
    **dict.fromkeys((".xls", ".xlt", ".xlsb"), ("it is an old Excel file", _AS_XLSX)),
    ".odp": ("it is a LibreOffice presentation", _AS_PPTX),
    **dict.fromkeys((".qdpx", ".qdc"), (
        "it belongs to a coding program and is no document",
        "Read what people coded in it with `equity-frames import-codings`")),
    ".pages": ("it is an Apple Pages document", "Export it from Pages as .docx or .pdf"),
    ".key": ("it is an Apple Keynote presentation", "Export it from Keynote as .pptx or .pdf"),
    ".numbers": ("it is an Apple Numbers table", "Export it from Numbers as .xlsx or .csv"),
    **dict.fromkeys((".gdoc", ".gslides", ".gsheet"), (
        "it is only a link to a Google document", "Download the document as .docx, .pptx or .xlsx")),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), ("it is a Kindle book", "Give the book as .epub or .pdf")),
    **dict.fromkeys((".mht", ".mhtml"), ("it is a web archive", "Save the page as .html")),
    **dict.fromkeys((".msg", ".eml", ".pst"), (
        "it is an e-mail", "Save its text or its attachments as files")),
    **dict.fromkeys(
        [".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".svg", ".psd"],
        ("it is a picture", _PICTURE),
    ),
    **dict.fromkeys((".mp3", ".wav", ".m4a", ".ogg", ".flac", ".wma"), ("it is a sound recording", _SPEECH)),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm", ".wmv"), ("it is a video", _SPEECH)),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"), (
        "it is an archive of a kind that is not opened", "Unpack it and give the folder, or give a .zip")),
    **dict.fromkeys((".exe", ".dll", ".msi", ".dmg", ".app", ".so"), ("it is a program", "Leave it out")),
    ".json": (
        "it is JSON, whose records can be laid out in many ways",
        "Give one record a line as .jsonl, or a .csv"),
    ".xml": ("it is XML, whose parts can mean anything", "Give the text as .html, .docx or .txt"),
}  # fmt: skip
# First bytes, in order of length, with what they make the file.
_REFUSED_HEADS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "it is a picture", _PICTURE),
    (b"\xff\xd8\xff", "it is a picture", _PICTURE),
    (b"GIF8", "it is a picture", _PICTURE),
    (b"II*\x00", "it is a picture", _PICTURE),
    (b"MM\x00*", "it is a picture", _PICTURE),
    (b"ID3", "it is a sound recording", _SPEECH),
    (b"OggS", "it is a sound recording", _SPEECH),
    (b"RIFF", "it is a sound, video or picture file", _SPEECH),
    (b"MZ\x90", "it is a program", "Leave it out"),
    (b"\x7fELF", "it is a program", "Leave it out"),
    (b"Rar!", "it is an archive of a kind that is not opened", "Give a .zip"),
    (b"7z\xbc\xaf", "it is an archive of a kind that is not opened", "Give a .zip"),
    (b"\x1f\x8b", "it is an archive of a kind that is not opened", "Unpack it, or give a .zip"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
# Suffixes that mean the same reader.
_SAME: Mapping[str, str] = {
    ".docm": ".docx", ".dotx": ".docx", ".dotm": ".docx", ".pptm": ".pptx", ".ppsx": ".pptx",
    ".potx": ".pptx", ".xlsm": ".xlsx", ".xltx": ".xlsx", ".htm": ".html", ".xhtml": ".html",
    ".markdown": ".md", ".mdown": ".md", ".text": ".txt", ".tab": ".tsv", ".ndjson": ".jsonl",
    ".ott": ".odt", ".pq": ".parquet",
}  # fmt: skip
_TEXTS = frozenset((".txt", ".md", ".html", ".csv", ".tsv", ".jsonl"))
_KNOWN = _TEXTS | {".pdf", ".docx", ".pptx", ".odt", ".epub", ".rtf", ".xlsx", ".ods", ".parquet", ".zip"}


def true_suffix(path: Path) -> tuple[str, str | None]:
    """Give the suffix of the reader for ``path``, by its content, and a warning where its name says another.

    Raises ``UnreadableDocumentError`` for an empty file and for kinds that no reader takes.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    named = path.suffix.lower()
    named = _SAME.get(named, named)
    if not head:
        raise UnreadableDocumentError(path, "the file is empty", "Check that it was copied or saved whole")
    found = _by_content(path, head, named)
    if found == named:
        return named, None
    if found is not None:
        ending = f"The name ends in {path.suffix}" if path.suffix else "The name has no ending"
        return found, f"{ending}, but the content is {found[1:].upper()}; it was read as that"
    if named in _REFUSED_SUFFIXES:
        raise UnreadableDocumentError(path, *_REFUSED_SUFFIXES[named])
    if named in _TEXTS:
        return named, None
    if named in _KNOWN:
        if _is_text(head):
            return (
                ".txt",
                f"The name ends in {path.suffix}, but the content is plain text; it was read as that",
            )
        raise UnreadableDocumentError(
            path,
            f"its content is not what a {path.suffix} file holds; it may be damaged",
            "Open it in the program it was made with and save it again",
        )
    raise UnreadableDocumentError(
        path,
        f"files of this kind ({path.suffix}) are not read"
        if path.suffix
        else "its name has no ending that says what it is",
        "Save it as .docx, .pdf, .html or .txt",
    )


def _by_content(path: Path, head: bytes, named: str) -> str | None:
    """Give the suffix that the first bytes prove, or None where they prove nothing."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    if start.startswith(b"{\\rtf"):
        return ".rtf"
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _container(path)
    if head.startswith(_OLE):
        _refuse_ole(path, named)
    for mark, found, remedy in _REFUSED_HEADS:
        if head.startswith(mark):
            raise UnreadableDocumentError(path, found, remedy)
    if named not in {".md", ".txt", ".csv", ".tsv", ".jsonl"} and _HTML.match(start):
        return ".html"
    return None


def _container(path: Path) -> str:
    """Tell what a ZIP holds: a document by the parts it must have, or files."""
    try:
        with open_archive(path) as archive:
            names = set(archive.namelist())
            kind = b""
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    kind = file.read(100)  # and no more: it may be a bomb
    except ZIP_ERRORS as error:
        raise UnreadableDocumentError(
            path, "the file is damaged or cut short", "Fetch it again, or save it again"
        ) from error
    for start, suffix in (
        (b"application/epub", ".epub"),
        (b"application/vnd.oasis.opendocument.text", ".odt"),
        (b"application/vnd.oasis.opendocument.spreadsheet", ".ods"),
    ):
        if kind.startswith(start):
            return suffix
    if kind.startswith(b"application/vnd.oasis.opendocument.presentation"):
        raise UnreadableDocumentError(path, *_REFUSED_SUFFIXES[".odp"])
    if "project.qde" in names:
        raise UnreadableDocumentError(path, *_REFUSED_SUFFIXES[".qdpx"])
    for part, suffix in (
        ("word/document.xml", ".docx"),
        ("ppt/presentation.xml", ".pptx"),
        ("xl/workbook.xml", ".xlsx"),
    ):
        if part in names:
            return suffix
    if "xl/workbook.bin" in names:
        raise UnreadableDocumentError(path, *_REFUSED_SUFFIXES[".xlsb"])
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        suffix = path.suffix.lower() if path.suffix.lower() in {".key", ".numbers"} else ".pages"
        raise UnreadableDocumentError(path, *_REFUSED_SUFFIXES[suffix])
    # Word names the main part as it likes; the list of parts says which it is.
    return (
        path.suffix.lower()
        if "[Content_Types].xml" in names and path.suffix.lower() in {".docx", ".pptx", ".xlsx"}
        else ".zip"
    )


def _refuse_ole(path: Path, named: str) -> None:
    """Old Office files, and new ones under a password, share one container."""
    with path.open("rb") as file:
        data = file.read(1 << 22)
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableDocumentError(
            path, "the file is protected with a password", "Remove the password and save it again"
        )
    if named in _REFUSED_SUFFIXES:
        raise UnreadableDocumentError(path, *_REFUSED_SUFFIXES[named])
    raise UnreadableDocumentError(
        path,
        "it is an old Office file under another name",
        "Open it in Office and save it as .docx, .pptx or .xlsx",
    )


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not re.search(rb"[\x01-\x08\x0e-\x1a]", head)
