"""What a user should know of how a PDF was read: damage, pages that are pictures, garbled fonts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import UnreadableDocumentError
from pipeline.ocr import Engine, how_to_install
from pipeline.quality import is_garbled
from pipeline.readers.pdf_blocks import Draft
from pipeline.readers.pdf_chars import PageText
from pipeline.readers.pdf_scans import Outcome, Scan


def without_text(
    path: Path, pages: Sequence[PageText], scans: Sequence[Scan], outcome: Outcome | None
) -> UnreadableDocumentError:
    """Say why nothing was read of a PDF and what can be done."""
    if not scans:
        found = "its page is empty" if len(pages) == 1 else f"its {len(pages)} pages are empty"
        return UnreadableDocumentError(
            path, f"The PDF holds no text: {found}", "Check that this is the right file"
        )
    one = len(pages) == 1
    if outcome is None:
        what = "its page is a picture of text" if one else f"its {len(pages)} pages are pictures of text"
        return UnreadableDocumentError(
            path,
            f"The PDF holds no text to read: {what} (a scan)",
            f"To have scans read, {how_to_install()} and run again; or save it as a searchable PDF",
        )
    what = "its page is a picture" if one else f"its {len(pages)} pages are pictures"
    return UnreadableDocumentError(
        path,
        f"The PDF holds no text to read: {what}, and text recognition (OCR) {_why_not(outcome)}",
        "Check that this is the right file; if it is a scan, scan it again, upright and at 300 dots an inch",
    )


def _why_not(outcome: Outcome) -> str:
    if outcome.empty or not outcome.failed:
        return "found no words in " + ("it" if len(outcome.empty) + len(outcome.failed) == 1 else "them")
    return f"failed ({next(iter(outcome.failed.values()))})"


def damage_notes(data: bytes, lost: Sequence[int]) -> list[str]:
    """Name the pages that could not be opened, and say where the file's end is missing."""
    found = []
    if lost:
        found.append(
            f"{_name_pages(lost)} could not be opened and {_are(lost)} missing; the file is damaged."
        )
    if _is_cut_off(data):
        found.append(
            "The file's end is missing, so pages at the end may be too; get the file again if you can."
        )
    return found


def scan_notes(scans: Sequence[Scan], outcome: Outcome | None, engine: Engine | None) -> list[str]:
    """Name the pages that are pictures: those read by OCR, and those that were not and why."""
    if outcome is None or engine is None:
        return _unread(
            [scan.page.number for scan in scans if scan.why == "picture"],
            [scan.page.number for scan in scans if scan.why == "stray"],
        )
    found = []
    if read := sorted(outcome.surenesses):
        mean = sum(outcome.surenesses.values()) / len(read)
        what, its = ("is a scan", "its") if len(read) == 1 else ("are scans", "their")
        found.append(
            f"{_name_pages(read)} {what}: {its} text was read by text recognition "
            f"(OCR by {engine.name}, {100 * mean:.0f}% sure), and the reading may hold mistakes."
        )
    if empty := sorted(outcome.empty):
        what = "is a picture" if len(empty) == 1 else "are pictures"
        found.append(f"{_name_pages(empty)} {what} in which text recognition (OCR) found no words.")
    if failed := sorted(outcome.failed):
        what = "is a picture" if len(failed) == 1 else "are pictures"
        found.append(
            f"{_name_pages(failed)} {what} and {_are(failed)} not read: text recognition (OCR) failed "
            f"({outcome.failed[failed[0]]})."
        )
    if late := sorted(outcome.not_reached):
        what, them = ("is a scan", "it") if len(late) == 1 else ("are scans", "them")
        found.append(
            f"{_name_pages(late)} {what} and {_are(late)} not read: the pages before took as long as one file may "
            f"take. Give {them} in a file apart."
        )
    return found


def _unread(pictures: Sequence[int], stray: Sequence[int]) -> list[str]:
    found = []
    if pictures:
        what = (
            "holds no text (a picture or a scan)"
            if len(pictures) == 1
            else "hold no text (pictures or scans)"
        )
        found.append((pictures, f"{what} and {_are(pictures)} not read"))
    if stray:
        what = "looks like a scan and stores" if len(stray) == 1 else "look like scans and store"
        found.append((stray, f"{what} only a few words as text; the rest is not read"))
    return [
        f"{_name_pages(pages)} {said}; to have {'it' if len(pages) == 1 else 'them'} read, {how_to_install()} "
        "and run again."
        for pages, said in found
    ]


def garble_notes(pages: Sequence[PageText], drafts: Sequence[Draft], *, read: bool) -> list[str]:
    """Name the pages whose fonts garble their text; ``read`` says whether OCR was tried on them."""
    garbled = [
        page.number for page in pages if is_garbled(" ".join(segment.text for segment in page.segments))
    ]
    if not garbled and not is_garbled(" ".join(draft.text for draft in drafts)):
        return []
    where = f"on {_name_pages(garbled).lower()}" if garbled else "in places"
    remedy = (
        "The original file would read better."
        if read
        else f"To have it read from its look, {how_to_install()} and run again; or give the original file."
    )
    return [f"The text {where} is garbled: the fonts do not say which letters they show. {remedy}"]


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
