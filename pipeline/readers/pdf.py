"""Read a PDF: its text in reading order, without what only helps to turn the pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import UnreadableDocumentError
from pipeline.ocr import find_engine
from pipeline.readers.pdf_blocks import Draft, draft_blocks, measure
from pipeline.readers.pdf_chars import PageText, read_page
from pipeline.readers.pdf_furniture import remove_furniture
from pipeline.readers.pdf_headings import is_reference_label, mark_headings
from pipeline.readers.pdf_layout import lay_out
from pipeline.readers.pdf_repair import with_new_ending
from pipeline.readers.pdf_scans import find_scans, read_scans
from pipeline.readers.pdf_text import Vocabulary, finish
from pipeline.readers.pdf_warnings import damage_notes, garble_notes, scan_notes, without_text
from pipeline.records import BlockKind, FoundBlock, Reading, mean_sureness

_HEAD = 1024
"""A PDF says so within its first 1024 bytes."""
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
    the text, bullets do not. Pages that are pictures of text are read by OCR where an engine is
    installed. Warnings name these, pages without text, and text that its fonts garble.

    pdfium is not thread-safe: call this from one thread of a process only.

    Raises UnreadableDocumentError for a file that is empty, not a PDF, damaged beyond repair,
    locked with a password, or without any text.
    """
    data = _load(path)
    document = _open(path, data)
    try:
        pages, lost = _read_pages(document)
        if not pages:
            raise UnreadableDocumentError(
                path, "The PDF is damaged: none of its pages can be opened", _FRESH_COPY
            )
        info = document.get_metadata_value("Title") or ""
        kept = remove_furniture(pages)
        scans = find_scans(document, pages, kept)
        engine = find_engine() if scans else None
        outcome = read_scans(document, scans, engine) if engine else None
    finally:
        document.close()
    if outcome is not None and outcome.surenesses:
        kept = remove_furniture(pages)
    if not any(kept):
        raise without_text(path, pages, scans, outcome)
    vocabulary = Vocabulary(segment.text for segments in kept for segment in segments)
    regions = [lay_out(page, segments) for page, segments in zip(pages, kept, strict=True)]
    drafts = draft_blocks(regions, [page.number for page in pages], vocabulary)
    mark_headings(drafts, measure(regions).size, info)
    notes = [
        *damage_notes(data, lost),
        *scan_notes(scans, outcome, engine),
        *garble_notes(pages, drafts, read=engine is not None),
    ]
    return Reading(tuple(_blocks(drafts)), _title(info, drafts), tuple(notes))


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
            blocks[-1] = replace(
                block,
                text=f"{block.text} {text}",
                pages=tuple(dict.fromkeys(block.pages + pages)),
                sureness=mean_sureness([(block.sureness, len(block.text)), (draft.sureness, len(text))]),
            )
        else:
            blocks.append(FoundBlock(text, *_kind(draft), pages, draft.sureness))
        last = draft
    return blocks


def _kind(draft: Draft) -> tuple[BlockKind, int]:
    """Give a block's kind and its level or depth."""
    if draft.heading:
        return "heading", draft.level
    if draft.table:
        return "table_row", 0
    return ("list_item", draft.depth) if draft.marker else ("paragraph", 0)


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
