"""Running heads and feet, page numbers and tables of contents: found by place and repetition, removed.

A row is removed only from the outside in: nothing goes that lies behind a row which stays,
so the worst a chance repetition can do is to take the outermost line of a page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from pipeline.readers.pdf_chars import PageText, Segment
from pipeline.readers.pdf_rows import MARKER, Row, rows_of

Edge = Literal["top", "bottom"]

_DEPTH = 6
"""Rows from each edge that can be furniture: letterheads have up to five."""
_ZONE = 0.35
"""Share of the page's height from each edge within which furniture lies (insets included)."""
_ALIGNED = 4.0
"""Points by which the same running head may move from page to page."""
_LONGEST = 40
"""Words in a row above which it is no furniture: a full line holds about 16."""
_LARGE = 1.15

_CONTINUED = re.compile(r"\s*[(\[]?\bcont(?:inued|['\u2019]d|\.)[)\]]?\.?\s*", re.IGNORECASE)
_SECTION_LETTER = re.compile(r"(?<=\d)\s*\(([a-z])\)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_LONE_NUMBER = re.compile(
    r"^[\W_]*(?:(?:page|pg|p)\.?\s*)?(?P<number>\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})"
    r"(?:\s*(?:of|/|\|)\s*(?:\d{1,4}|page))?[\W_]*$",
    re.IGNORECASE,
)
_PAGE_OF = re.compile(r"\bpage\s+\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\b|\b\d{1,4}\s*\|\s*page\b", re.IGNORECASE)
# Marks that need no second page to be known: the district manual's head and a browser's print stamps.
_KNOWN = re.compile(
    r"^(?:board|district|administrative|policy|school)(?:\s+(?:board|policy|policies|regulations?|district))*\s+manual\b"
    r"|^\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}:\d{2}(?:\s*[ap]m)?\b"
    r"|^(?:https?://|www\.|file://)\S+(?:\s+\d+\s*/\s*\d+)?$",
    re.IGNORECASE,
)
# A policy's code with the letter of its page is a page mark wherever it stands at a page's top.
_PAGE_LETTER = re.compile(r"^(?:AR|BP|BB|E)\s*\d{3,4}(?:\.\d+)*\s*\([a-z]\)$")
_OWNER = re.compile(
    r"\b(?:district|schools?|academy|unified|county|board|office|department)\b", re.IGNORECASE
)
_OWNERS_NAME = re.compile(r"\b(?:district|schools?|academy|board|department|office)\s*$", re.IGNORECASE)
_LEADERS = re.compile(
    r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})$|…{2,}\s*\d{1,4}$", re.IGNORECASE
)
_CONTENTS = re.compile(r"^(?:table of )?contents:?$|^list of (?:figures|tables)$", re.IGNORECASE)


@dataclass(slots=True)
class _Seen:
    """One sighting of a row or segment near an edge."""

    page: int
    row: int
    segment: int | None
    numbers: tuple[str, ...]
    baseline: float
    size: float
    bold: bool
    text: str
    outermost: bool


def remove_furniture(pages: Sequence[PageText]) -> list[list[Segment]]:
    """Return each page's segments without running heads, feet, page numbers and contents lists.

    A running head that is the only title its document has stays once, on the first page.
    """
    rows = [rows_of([segment for segment in page.segments if not segment.turned]) for page in pages]
    body = _body_size(rows)
    gone: set[int] = set()
    for edge in ("top", "bottom"):
        sure, strong, parts = _repeated(pages, rows, edge, body)
        for index, page in enumerate(pages):
            taken = _peel(page, index, rows[index], edge, sure, strong)
            # The row that stays may still carry the page's mark in a corner: "Operations    AR 3514.1(a)".
            stays = next((row for row in _edge_rows(rows[index], edge) if row not in taken), None)
            gone |= {
                id(rows[index][row].segments[segment])
                for number, row, segment in parts
                if number == index and row == stays
            }
            if edge == "top" and index == 0:
                taken = _spare_title(rows[0], taken, body)
            gone |= {id(segment) for row in taken for segment in rows[index][row].segments}
    kept = [[row for row in page_rows if id(row.main) not in gone] for page_rows in rows]
    gone |= _contents_lists(kept)
    gone |= _turned(pages)
    for page in pages:
        gone |= {
            id(segment)
            for segment in page.segments
            if _PAGE_LETTER.match(segment.text) and segment.bottom < _ZONE * page.height
        }
    return [[segment for segment in page.segments if id(segment) not in gone] for page in pages]


def _body_size(rows: Sequence[Sequence[Row]]) -> float:
    weights: defaultdict[float, int] = defaultdict(int)
    for page in rows:
        for row in page:
            weights[round(row.size * 2) / 2] += len(row.text)
    return max(weights, key=lambda size: weights[size]) if weights else 10.0


def fold(text: str) -> tuple[str, tuple[str, ...]]:
    """Fold a running line to what stays the same from page to page, and the numbers that change."""
    plain = " ".join(_CONTINUED.sub(" ", text).lower().split())
    plain = _SECTION_LETTER.sub(lambda found: f" {ord(found[1]) - 96}@", plain)
    return _NUMBER.sub("#", plain), tuple(_NUMBER.findall(plain))


def _edge_rows(rows: Sequence[Row], edge: Edge) -> list[int]:
    numbers = list(range(len(rows)))
    return numbers[:_DEPTH] if edge == "top" else numbers[::-1][:_DEPTH]


def _in_zone(row: Row, edge: Edge, page: PageText) -> bool:
    return row.bottom < _ZONE * page.height if edge == "top" else row.top > (1 - _ZONE) * page.height


def _repeated(
    pages: Sequence[PageText], rows: Sequence[Sequence[Row]], edge: Edge, body: float
) -> tuple[set[tuple[int, int]], set[tuple[int, int]], set[tuple[int, int, int]]]:
    """Find the (page, row) pairs that repeat; the second set is sure enough to lie behind a stray row.

    The third set names parts of rows, (page, row, segment), that count the pages.
    """
    groups: defaultdict[str, list[_Seen]] = defaultdict(list)
    for number, page in enumerate(pages):
        for row_number in _edge_rows(rows[number], edge):
            row = rows[number][row_number]
            if not _in_zone(row, edge, page):
                continue
            parts: list[tuple[int | None, Segment | Row]] = [(None, row)]
            if len(row.segments) > 1:
                parts += list(enumerate(row.segments))
            for part, holder in parts:
                folded, numbers = fold(holder.text)
                bold = row.share("bold") > 0.8 if isinstance(holder, Row) else holder.bold > 0.8
                seen = _Seen(
                    page=number,
                    row=row_number,
                    segment=part,
                    numbers=numbers,
                    baseline=holder.baseline,
                    size=holder.size,
                    bold=bold,
                    text=holder.text,
                    outermost=row_number == _edge_rows(rows[number], edge)[0],
                )
                groups[folded].append(seen)
    with_text = sum(bool(page_rows) for page_rows in rows)
    sure: set[tuple[int, int]] = set()
    strong: set[tuple[int, int]] = set()
    counting: set[tuple[int, int, int]] = set()
    parts_found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for folded, seen_rows in groups.items():
        kind = _judge(folded, seen_rows, with_text, body)
        for seen in seen_rows if kind else ():
            if seen.segment is None:
                sure.add((seen.page, seen.row))
                if kind == "strong":
                    strong.add((seen.page, seen.row))
            else:
                parts_found[seen.page, seen.row].add(seen.segment)
                if len({one.numbers for one in seen_rows}) > 1:
                    counting.add((seen.page, seen.row, seen.segment))
    for (number, row_number), found in parts_found.items():
        # A head with a chapter's name in one corner: the rest repeats, the row goes if most of it does.
        segments = rows[number][row_number].segments
        rest = [segment for place, segment in enumerate(segments) if place not in found]
        known = sum(len(segments[place].text) for place in found)
        if all(_LONE_NUMBER.match(segment.text) for segment in rest) or (
            known >= sum(len(segment.text) for segment in rest)
            and all(len(s.text.split()) <= 8 for s in rest)
        ):
            sure.add((number, row_number))
    return sure, strong, counting


def _judge(folded: str, seen: list[_Seen], pages: int, body: float) -> str:
    """Say whether a folded line is furniture: '' for no, 'sure', or 'strong' where most pages carry it."""
    on = sorted({one.page for one in seen})
    if len(on) < 2 or sum(character.isalpha() for character in folded) < 2 or len(folded.split()) > _LONGEST:
        return ""
    level = median(one.baseline for one in seen)
    aligned = sum(abs(one.baseline - level) <= _ALIGNED for one in seen) >= 0.6 * len(seen)
    large = median(one.size for one in seen) > _LARGE * body
    if len({one.numbers for one in seen}) > 1:
        if MARKER.match(seen[0].text) and len({one.numbers[:1] for one in seen}) > 1:
            return ""  # "1. Water", "2. Water": items
        if not _count_pages(seen):
            return ""  # "Grade 6 …", "Grade 7 …": the numbers are content
        numbered = bool(_PAGE_OF.search(seen[0].text)) or "@" in folded
        if not numbered and (large or all(one.bold for one in seen)):
            return ""  # "Lesson 1", "Lesson 2": headings, one a page
    most = len(on) >= 0.6 * pages
    if large and not most:
        return ""
    if len(on) >= 3 and (aligned or len(on) >= 0.5 * pages):
        return "strong" if aligned and most else "sure"
    if not aligned and len({one.numbers for one in seen}) == 1 and not large:
        # A short head on two pages may sit a little higher on one of them.
        close = max(one.baseline for one in seen) - min(one.baseline for one in seen) < 3 * body
        outermost = all(one.outermost for one in seen)
        aligned = close and outermost and len(folded.split()) <= 10
    near = on[1] - on[0] <= 2
    sentence = folded.endswith((".", ";", ",")) and len(folded.split()) > 8
    if len(on) == 2 and near and pages <= 6 and aligned and not sentence:
        return "sure"
    return ""


def _count_pages(seen: list[_Seen]) -> bool:
    """Say whether every number that changes from page to page goes up with the page."""
    lengths = {len(one.numbers) for one in seen}
    if len(lengths) > 1:
        return False
    for place in range(lengths.pop()):
        values = [(one.page, int(one.numbers[place])) for one in seen]
        if len({value for _, value in values}) == 1:
            continue
        steps = [value - page for page, value in values]
        common = max(steps.count(step) for step in set(steps))
        rising = all(
            a[1] < b[1] for a, b in zip(sorted(values), sorted(values)[1:], strict=False) if a[0] < b[0]
        )
        if common < 0.8 * len(steps) and not (rising and max(value for _, value in values) < 30):
            return False
    return True


def _peel(
    page: PageText,
    index: int,
    rows: Sequence[Row],
    edge: Edge,
    sure: set[tuple[int, int]],
    strong: set[tuple[int, int]],
) -> list[int]:
    """List the rows of one page that go, from the outside in; one stray row may lie outside a strong one.

    ``index`` is its place among the pages that could be opened, by which ``sure`` and ``strong`` know it.
    """
    taken: list[int] = []
    missed = 0
    owner_of: Row | None = None
    for row_number in _edge_rows(rows, edge):
        row = rows[row_number]
        if not _in_zone(row, edge, page) and len(rows) > 1:
            break
        short = len(row.text.split()) <= 15
        marked = short and (_KNOWN.match(row.text) or _PAGE_OF.search(row.text))
        alone = _LONE_NUMBER.match(row.text) and _page_number(row.text, page, edge, row)
        owned = owner_of is not None and _belongs(row, owner_of)
        repeated = (index, row_number) in (strong if missed else sure)
        if repeated or (not missed and (marked or alone or owned)):
            taken.append(row_number)
            owner_of = row if marked and _KNOWN.match(row.text) and "manual" in row.text.lower() else None
        else:
            missed += 1
            owner_of = None
            if missed > 1:
                break
    return taken


def _page_number(text: str, page: PageText, edge: Edge, row: Row) -> bool:
    """Tell a page number from a year or a figure: three digits at most, and in the page's margin."""
    found = _LONE_NUMBER.match(text)
    if found is None:
        return False
    digits = found["number"]
    margin = row.bottom < 0.12 * page.height if edge == "top" else row.top > 0.86 * page.height
    return margin and (not digits.isdigit() or len(digits) <= 3)


def _belongs(row: Row, head: Row) -> bool:
    """Say whether a row is the second line of a manual's head: the owner's name in the same type."""
    same = abs(row.size - head.size) < 0.6 and abs(row.share("bold") - head.share("bold")) < 0.2
    lined_up = min(abs(row.x0 - head.x0), abs(row.x1 - head.x1), abs(row.x0 + row.x1 - head.x0 - head.x1)) < 4
    near = abs(row.baseline - head.baseline) < 2 * head.size
    return same and lined_up and near and len(row.text.split()) <= 10 and bool(_OWNER.search(row.text))


def _spare_title(rows: Sequence[Row], taken: list[int], body: float) -> list[int]:
    """Keep a running head on the first page where it is the document's title and no larger line follows."""
    if not taken:
        return taken
    rest = [row for number, row in enumerate(rows) if number not in taken]
    inner = rows[max(taken)]
    letters = [character for character in inner.text if character.isalpha()]
    weighty = inner.share("bold") > 0.8 or (
        len(letters) > 3 and all(character.isupper() for character in letters)
    )
    if any(row.size > 1.1 * body for row in rest) or inner.size < 0.95 * body or not weighty:
        return taken
    if any(row.share("bold") > 0.8 and row.size >= inner.size for row in rest[:2]):
        return taken
    if _KNOWN.match(inner.text) or _PAGE_OF.search(inner.text) or _OWNERS_NAME.search(inner.text):
        return taken
    return [number for number in taken if number != max(taken)]


def _contents_lists(rows: Sequence[Sequence[Row]]) -> set[int]:
    """Find dotted contents entries, the first lines of entries that wrap, and the list's own heading."""
    entries = [[bool(_LEADERS.search(row.text)) for row in page] for page in rows]
    if sum(sum(page) for page in entries) < 3:
        return set()
    gone: set[int] = set()
    for page, found in zip(rows, entries, strict=True):
        for number, row in enumerate(page):
            between = any(found[max(0, number - 2) : number]) and any(found[number + 1 : number + 3])
            heading = _CONTENTS.match(row.text) and any(found[number + 1 : number + 4])
            if found[number] or heading or (between and len(row.text.split()) < 15):
                gone |= {id(segment) for segment in row.segments}
    return gone


def _turned(pages: Sequence[PageText]) -> set[int]:
    """Find text in the margin that does not run left to right and repeats or says next to nothing."""
    seen: defaultdict[str, list[Segment]] = defaultdict(list)
    for page in pages:
        for segment in page.segments:
            if segment.turned:
                seen[fold(segment.text)[0]].append(segment)
    return {
        id(segment)
        for folded, segments in seen.items()
        for segment in segments
        if len(segments) > 1 or len(folded.split()) <= 3
    }
