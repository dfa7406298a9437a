"""Repair the text of blocks, and leave out what is no text to code: contents, references, notices.

Conservative on purpose: a line too many costs a coder a glance, a paragraph too few costs a finding.
Nothing that reads as prose goes, whatever stands above it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.citations import (
    REFERENCE_DISCLAIMER,
    is_citation,
    is_cross_reference,
    is_prose,
    is_reference_heading,
    is_source_heading,
)
from pipeline.records import FoundBlock, without_halves

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# A soft hyphen at a line's end: the word goes on after the break. pdfium writes U+FFFE for it.
_SOFT_HYPHENS = re.compile("(?:[\u00ad\ufffe]|\u00ad)(?:[ \t]*\n[ \t]*|[ \t]+(?=[a-z]))?")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\uffff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_LEADING_BULLET = re.compile("^[\uf000-\uf0ff•●▪◦○■□➢] *")

_PAGE_NUMBER = re.compile(r"\W*(?:page|p\.)?\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w.-]{1,255}")
_ADDRESS_LABEL = re.compile(
    r"(?:link|url|web ?site|web ?page|source|available at|see|visit|e-?mail|contact)s?:?", re.IGNORECASE
)
_CONTENTS = re.compile(r"(?:table of )?contents|contents page|in this (?:document|guide|unit)", re.IGNORECASE)
_LEADER = re.compile(r"(?:\.{3,}+|(?:\. ){3,}+|…{2,}+|_{4,}+)\s*+(?:\d{1,4}|[ivxl]{1,6}\b)?")
_ENDS_WITH_PAGE = re.compile(r"\S.*(?:\s|\|)\s*(?:\d{1,3}|[ivxl]{1,6})$")
_ENTRY_WORDS = 25
_COOKIES = re.compile(r"\bcookies?\b", re.IGNORECASE)
_COOKIE_CHOICE = re.compile(
    r"\b(?:by (?:continuing|clicking|browsing)|by using (?:this|our|the) (?:web ?)?site"
    r"|accept (?:all )?cookies|accept all"
    r"|cookie (?:settings|preferences)"
    r"|you (?:agree|consent)|got it|manage (?:cookies|preferences|consent)|reject all|decline)\b",
    re.IGNORECASE,
)
_NOTICE_WORDS = 90
_FEWEST_CITATIONS = 3

_NAMES = {
    "number": ("a lone page number", "{} lone page numbers"),
    "address": ("a line with a web address alone", "{} lines with a web address alone"),
    "contents": ("a line of a table of contents", "{} lines of a table of contents"),
    "reference": ("a reference", "{} lines of reference lists"),
    "cookie": ("a cookie notice", "{} cookie notices"),
}


def clean_blocks(blocks: Sequence[FoundBlock]) -> tuple[tuple[FoundBlock, ...], tuple[str, ...]]:
    """Give the blocks to code, their text repaired, and a note on what was left out, if anything was.

    Text is in NFC, without ligatures, soft hyphens, invisible or control characters, with single
    spaces; a line break inside a block stays one. Blocks with no letter or digit go silently.
    Cleaning what is clean changes nothing.
    """
    repaired = [replace(block, text=clean_text(block.text)) for block in blocks]
    kept = [block for block in repaired if any(map(str.isalnum, block.text))]
    goes: dict[int, str] = {}
    for number, block in enumerate(kept):
        if reason := _alone(block):
            goes[number] = reason
    _mark_contents(kept, goes)
    _mark_references(kept, goes)
    _mark_bare_citations(kept, goes)
    counts = Counter(goes.values())
    left_out = ", ".join(
        _NAMES[reason][0] if counts[reason] == 1 else _NAMES[reason][1].format(counts[reason])
        for reason in _NAMES
        if counts[reason]
    )
    notes = (f"Left out, as no text to code: {left_out}",) if left_out else ()
    return tuple(block for number, block in enumerate(kept) if number not in goes), notes


def clean_text(text: str) -> str:
    """One block's text, repaired: see ``clean_blocks``."""
    text = _SOFT_HYPHENS.sub("", without_halves(text).translate(_LIGATURES))
    text = _INVISIBLE.sub("", text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\r", "\n"))
    text = unicodedata.normalize("NFC", text)
    text = _LINES.sub("\n", _SPACES.sub(" ", text)).strip()
    return _LEADING_BULLET.sub("", text)


def _alone(block: FoundBlock) -> str | None:
    """Why a block goes for what it is by itself, or None."""
    text = block.text
    if block.kind in {"paragraph", "list_item"} and len(text) < 30 and _PAGE_NUMBER.fullmatch(text):
        return "number"
    if _is_address(text):
        return "address"
    if is_cross_reference(text):
        return "reference"
    if (
        _COOKIES.search(text)
        and _COOKIE_CHOICE.search(text)
        and len(text.split()) <= _NOTICE_WORDS
        and block.kind != "heading"
    ):
        return "cookie"
    return None


def _is_address(text: str) -> bool:
    """Say whether a text is nothing but web and mail addresses, with a label such as ``Source:``."""
    parts = [part for part in re.split(r"[\s,;|<>()]+", text) if part]
    first = next((at for at, part in enumerate(parts) if _ADDRESS.fullmatch(part)), None)
    if first is None or first > 2 or not all(_ADDRESS.fullmatch(part) for part in parts[first:]):
        return False
    return first == 0 or _ADDRESS_LABEL.fullmatch(" ".join(parts[:first])) is not None


def _mark_contents(blocks: Sequence[FoundBlock], goes: dict[int, str]) -> None:
    headings = Counter(_plain(block.text) for block in blocks if block.kind == "heading")
    number = 0
    while number < len(blocks):
        if _CONTENTS.fullmatch(blocks[number].text.strip(" :")) is None:
            number += 1
            continue
        end = number + 1
        while end < len(blocks) and (end in goes or _is_entry(blocks[end], headings)):
            end += 1
        if end - number > 2:
            goes.update(dict.fromkeys(range(number, end), "contents"))
        number = end
    # Leaders are a table of contents' own mark; one line of them may be a form.
    leaders = [len(_LEADER.findall(block.text)) > 0 and _is_leader_line(block.text) for block in blocks]
    for start, end in _runs(leaders):
        if end - start >= 3 or any(len(_LEADER.findall(blocks[at].text)) >= 3 for at in range(start, end)):
            goes.update(dict.fromkeys(range(start, end), "contents"))


def _is_entry(block: FoundBlock, headings: Counter[str]) -> bool:
    """Tell a line of a table of contents: it ends with a page, or names a heading of the document."""
    text = block.text
    if _is_leader_line(text):
        return True
    if len(text.split()) > _ENTRY_WORDS or text[-1] in ".?!;":
        return False
    if _ENDS_WITH_PAGE.match(text):
        return True
    return headings[_plain(text)] > (1 if block.kind == "heading" else 0)


def _is_leader_line(text: str) -> bool:
    entries = _LEADER.findall(text)
    return bool(entries) and text[-1].isalnum() and len(text.split()) <= _ENTRY_WORDS * len(entries)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _mark_references(blocks: Sequence[FoundBlock], goes: dict[int, str]) -> None:
    """Under a heading such as References, what cites goes; the first prose or other heading ends it."""
    number = 0
    while number < len(blocks):
        if not is_reference_heading(blocks[number]):
            number += 1
            continue
        end, removed = number + 1, []
        while end < len(blocks):
            block = blocks[end]
            if is_reference_heading(block) or REFERENCE_DISCLAIMER.search(block.text):
                removed.append(end)
            elif (
                (block.kind == "heading" and not is_source_heading(block.text))
                or (block.kind == "table_row" and not re.search(r"\d", block.text))
                or (is_prose(block.text) and not is_citation(block.text))
            ):
                break
            elif is_citation(block.text, under_heading=True) or end in goes:
                removed.append(end)
            end += 1
        if any(not is_reference_heading(blocks[at]) for at in removed):
            goes.update({at: goes.get(at, "reference") for at in [number, *removed]})
        number = end


def _mark_bare_citations(blocks: Sequence[FoundBlock], goes: dict[int, str]) -> None:
    cites = [block.kind != "heading" and is_citation(block.text) for block in blocks]
    for start, end in _runs(cites):
        if end - start >= _FEWEST_CITATIONS:
            goes.update({at: goes.get(at, "reference") for at in range(start, end)})


def _runs(marks: Sequence[bool]) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    runs, start = [], None
    for number, mark in enumerate([*marks, False]):
        if mark and start is None:
            start = number
        elif not mark and start is not None:
            runs.append((start, number))
            start = None
    return runs
