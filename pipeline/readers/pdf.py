"""Read a PDF: its text in reading order, without what only helps to turn the pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.pdf_blocks import Draft, draft_blocks, measure
from pipeline.readers.pdf_chars import PageText, is_picture, read_page
from pipeline.readers.pdf_furniture import remove_furniture
from pipeline.readers.pdf_headings import is_reference_label, mark_headings
from pipeline.readers.pdf_layout import lay_out
from pipeline.readers.pdf_repair import with_new_ending
from pipeline.readers.pdf_text import Vocabulary, finish, is_garbled
from pipeline.records import FoundBlock, Reading

_HEAD = 1024
"""A PDF says so within its first 1024 bytes."""
_OCR = "Run it through text recognition (OCR), for example save it as a searchable PDF, and run again"
_FRESH_COPY = "Open it in a PDF viewer and save a new copy, or get the file again from where it came"
_FILE_TITLE = re.compile(
    r"\.(?:docx?|pdf|rtf|odt|pptx?|xlsx?|indd|pub|txt|html?|wpd|pages)\b|^(?:microsoft|google) \w+ - |[/\\]"
    r"|^(?:untitled|document|slide|presentation|title|layout|new page)?\s*\d*$|^[\w-]*_[\w-]*$",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"^(?:administrative regulations?|board polic(?:y|ies)|polic(?:y|ies)|regulations?|exhibit|introduction"
    r"|overview|agenda|minutes|(?:table of )?contents|abstract|summary|status:.*|book)$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 30
_WORD = re.compile(r"\w{2,}")


def read_pdf(path: Path) -> Reading:
    """Read one PDF's text as blocks in reading order, each with the pages it stands on.

    Running heads and feet, page numbers and contents lists are left out; list numbers stay in
    the text, bullets do not. Warnings name pages without text and text that its fonts garble.

    pdfium is not thread-safe: call this from one thread of a process only.

    Raises UnreadableDocumentError for a file that is empty, not a PDF, damaged beyond repair,
    locked with a password, or without any text.
    """
    data = _load(path)
    document = _open(path, data)
    try:
        pages, lost = _read_pages(document)
        info = document.get_metadata_value("Title") or ""
    finally:
        document.close()
    if not pages:
        raise UnreadableDocumentError(
            path, "The PDF is damaged: none of its pages can be opened", _FRESH_COPY
        )
    kept = remove_furniture(pages)
    words = [sum(len(segment.text.split()) for segment in segments) for segments in kept]
    pictures = [page.number for page, count in zip(pages, words, strict=True) if is_picture(page, count)]
    if not any(words):
        raise _without_text(path, len(pages), len(pictures))
    vocabulary = Vocabulary(segment.text for segments in kept for segment in segments)
    regions = [lay_out(page, segments) for page, segments in zip(pages, kept, strict=True)]
    drafts = draft_blocks(regions, [page.number for page in pages], vocabulary)
    mark_headings(drafts, measure(regions).size, info)
    warnings = _warnings(data, pages, pictures, lost, drafts)
    return Reading(tuple(_blocks(drafts)), _title(info, drafts), warnings)


def _load(path: Path) -> bytes:
    data = path.read_bytes()
    if not data:
        raise UnreadableDocumentError(
            path, "The file is empty (0 bytes)", "Get the file again from where it came"
        )
    if b"%PDF-" not in data[:_HEAD]:
        raise UnreadableDocumentError(
            path,
            "The file is not a PDF, though its name says so",
            "Check what it is and give it its right ending",
        )
    return data


def _open(path: Path, data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        mended = with_new_ending(data) if error.err_code == pdfium_c.FPDF_ERR_FORMAT else None
        if mended is None:
            raise _refusal(path, error) from error
    try:
        return pdfium.PdfDocument(mended)
    except pdfium.PdfiumError as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: pdfium.PdfiumError) -> UnreadableDocumentError:
    if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
        return UnreadableDocumentError(
            path,
            "The PDF is locked with a password",
            "Open it with the password, save a copy without one and run again",
        )
    return UnreadableDocumentError(path, "The PDF is damaged or cut off and cannot be opened", _FRESH_COPY)


def _without_text(path: Path, pages: int, pictures: int) -> UnreadableDocumentError:
    if not pictures:
        return UnreadableDocumentError(
            path, f"The PDF holds no text: {_count(pages)} empty", "Check that this is the right file"
        )
    what = "its page is a picture of text" if pages == 1 else f"its {pages} pages are pictures of text"
    return UnreadableDocumentError(path, f"The PDF holds no text to read: {what} (a scan)", _OCR)


def _count(pages: int) -> str:
    return "its page is" if pages == 1 else f"its {pages} pages are"


def _read_pages(document: pdfium.PdfDocument) -> tuple[list[PageText], list[int]]:
    """Read every page that opens; the second list names those that do not."""
    pages: list[PageText] = []
    lost: list[int] = []
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            lost.append(index + 1)
            continue
        try:
            pages.append(read_page(page, index + 1))
        except pdfium.PdfiumError:
            lost.append(index + 1)
        finally:
            page.close()
    return pages, lost


def _warnings(
    data: bytes,
    pages: Sequence[PageText],
    pictures: Sequence[int],
    lost: Sequence[int],
    drafts: Sequence[Draft],
) -> tuple[str, ...]:
    found: list[str] = []
    if lost:
        found.append(
            f"{_name_pages(lost)} could not be opened and {_are(lost)} missing; the file is damaged."
        )
    if _is_cut_off(data):
        found.append(
            "The file's end is missing, so pages at the end may be too; get the file again if you can."
        )
    if pictures:
        what = (
            "holds no text (a picture or a scan)"
            if len(pictures) == 1
            else "hold no text (pictures or scans)"
        )
        found.append(
            f"{_name_pages(pictures)} {what} and {_are(pictures)} not read; "
            f"text recognition (OCR) would make {'it' if len(pictures) == 1 else 'them'} readable."
        )
    garbled = [
        page.number for page in pages if is_garbled(" ".join(segment.text for segment in page.segments))
    ]
    if garbled or is_garbled(" ".join(draft.text for draft in drafts)):
        where = f"on {_name_pages(garbled).lower()}" if garbled else "in places"
        found.append(
            f"The text {where} is garbled: the fonts do not say which letters they show. "
            "Text recognition (OCR) or the original file would read better."
        )
    return tuple(found)


def _is_cut_off(data: bytes) -> bool:
    """Say whether objects follow the last end mark, or none stands there: then the rest was lost."""
    mark = data.rfind(b"%%EOF")
    return mark < 0 or b" obj" in data[mark:]


def _are(pages: Sequence[int]) -> str:
    return "is" if len(pages) == 1 else "are"


def _name_pages(pages: Sequence[int]) -> str:
    """Name pages with their runs folded: ``Pages 2, 5-7``."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    named = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"{'Page' if len(pages) == 1 else 'Pages'} {named}"


def _blocks(drafts: Sequence[Draft]) -> list[FoundBlock]:
    """Turn drafts into blocks; a large heading broken over two lines by hand becomes one."""
    blocks: list[FoundBlock] = []
    last: Draft | None = None
    for draft in drafts:
        text = finish(draft.text)
        if not any(character.isalnum() for character in text):
            continue
        pages = tuple(draft.pages)
        if draft.heading and last is not None and _same_heading(last, draft):
            block = blocks[-1]
            joined = tuple(dict.fromkeys(block.pages + pages))
            blocks[-1] = FoundBlock(f"{block.text} {text}", "heading", block.level, joined)
        elif draft.heading:
            blocks.append(FoundBlock(text, "heading", draft.level, pages))
        elif draft.table:
            blocks.append(FoundBlock(text, "table_row", 0, pages))
        elif draft.marker:
            blocks.append(FoundBlock(text, "list_item", draft.depth, pages))
        else:
            blocks.append(FoundBlock(text, "paragraph", 0, pages))
        last = draft
    return blocks


def _same_heading(last: Draft, draft: Draft) -> bool:
    together = last.heading and last.level == draft.level and last.region == draft.region and not draft.marker
    return (
        together
        and 0 < draft.gap < 1.5 * draft.size
        and last.size == draft.size
        and not is_reference_label(last.text)
    )


def _title(info: str, drafts: Sequence[Draft]) -> str | None:
    """Take the title the file gives itself where its words stand in the text, else its chief heading.

    A title whose words are not in the text is the program's or the template's ("BoardDocs Pro").
    """
    title = " ".join(info.split())
    start = {word.lower() for draft in drafts[:40] for word in _WORD.findall(draft.text)}
    words = [word.lower() for word in _WORD.findall(title)]
    known = sum(word in start for word in words)
    if words and not _FILE_TITLE.search(title) and known > 0.5 * len(words) and len(words) <= _LONGEST_TITLE:
        return title
    headings = [
        draft
        for draft in drafts
        if draft.heading and draft.pages[0] <= 3 and not is_reference_label(draft.text)
    ]
    named = [draft for draft in headings if not _GENERIC.match(draft.text.strip())] or headings
    return finish(min(named, key=lambda draft: draft.level).text) if named else None
