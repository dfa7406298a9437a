"""Pages of a plain text: where they end, and the lines that come again on each of them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from pipeline.readers.lines import Line

_PAGE_OF = re.compile(r"\bpage\s+(\d{1,4})\s+of\s+(\d{1,4})\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"\W*(?:page\s*)?(\d{1,4}|[ivxlc]{1,7})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE
)
_GAPS = re.compile(r"\S {3,}\S.*\S {3,}\S")
# Heads and feet of more than four lines have not been seen.
_DEEPEST = 4
_FEWEST = 3
_OFTEN = 4
_OFTEN_SHARE = 0.03


def has_pages(text: str) -> bool:
    """Whether form feeds or counted feet part ``text`` into pages."""
    return "\f" in text or len(_by_feet(text.split("\n"))) > 1


def page_lines(text: str) -> list[Line]:
    """Give the lines of ``text`` with their pages, without heads, feet and page numbers.

    Pages end at form feeds, or after a "Page n of m"; without either, lines have no page.
    Two pages are parted by their numbers alone: a paragraph may run on across them.
    """
    if "\f" in text:
        pages = [page.split("\n") for page in text.expandtabs(8).rstrip("\f\n ").split("\f")]
        numbered = True
    else:
        pages = _by_feet(text.expandtabs(4).split("\n"))
        numbered = len(pages) > 1
    trimmed = [_trimmed([line.rstrip() for line in page]) for page in pages]
    if numbered:
        trimmed = _without_running_lines(trimmed)
    lines: list[Line] = []
    for number, page in enumerate(trimmed, start=1):
        lines += [Line(line, number if numbered else 0) for line in page]
    return lines


def _by_feet(lines: list[str]) -> list[list[str]]:
    """Pages by their "Page n of m" feet, if these count up by one at least once."""
    feet = [(at, int(found.group(1))) for at, line in enumerate(lines) if (found := _PAGE_OF.search(line))]
    steps = sum(after[1] == before[1] + 1 for before, after in itertools.pairwise(feet))
    if len(feet) < 2 or steps < 0.8 * (len(feet) - 1):
        return [lines]
    at_top = feet[0][0] < 4 and sum(bool(line.strip()) for line in lines[: feet[0][0]]) < 3
    cuts = [at if at_top else at + 1 for at, _ in feet]
    bounds = [0, *(cut for cut in cuts if 0 < cut < len(lines)), len(lines)]
    pages = [lines[start:end] for start, end in itertools.pairwise(bounds)]
    if len(pages) > 1 and not any(line.strip() for line in pages[-1]):
        pages.pop()
    return pages


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return lines[start:end]


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Take off heads and feet from the edge inwards, as long as the outermost line comes again."""
    pages = [list(page) for page in pages]
    for top in (False, True):
        for _ in range(_DEEPEST):
            running = _running(pages, top=top)
            if not any(running):
                break
            for number, goes in enumerate(running):
                if goes:
                    page = pages[number]
                    page.pop(0 if top else -1)
                    pages[number] = _trimmed(page)
    return pages


def _running(pages: Sequence[Sequence[str]], *, top: bool) -> list[bool]:
    edges = [(page[0] if top else page[-1]) if page else "" for page in pages]
    folded = [_folded(edge) for edge in edges]
    counts = Counter(fold for fold in folded if fold)
    filled = sum(map(bool, edges))
    enough = _FEWEST if filled <= 2 * _FEWEST else max(_OFTEN, int(_OFTEN_SHARE * filled))
    spellings: dict[str, set[str]] = {}
    for edge, fold in zip(edges, folded, strict=True):
        spellings.setdefault(fold, set()).add(" ".join(edge.split()))
    numbers = [_number(edge, page) for page, edge in enumerate(edges, start=1)]
    running = []
    for at, (edge, fold) in enumerate(zip(edges, folded, strict=True)):
        repeated = counts[fold] >= enough and bool(re.search(r"[^\W\d_]|#", fold))
        if repeated and top and len(spellings[fold]) == 1 and _heads_table(pages[at]):
            repeated = False  # the names of a table's columns, again on each of its pages
        if fold.strip("# .-\u2013\u2014|") == "":
            repeated = False  # bare numbers go only where they count the pages
        running.append(bool(edge) and (repeated or _counts_pages(numbers, at)))
    return running


def _folded(line: str) -> str:
    """Fold digits, which count the pages in heads and feet; in a sentence they are what it says."""
    if line.rstrip().endswith((".", "!", "?")):
        return " ".join(line.split()).casefold()
    return re.sub(r"\d+", "#", " ".join(line.split())).casefold()


def _heads_table(page: Sequence[str]) -> bool:
    following = [line for line in page[1:4] if line]
    return bool(_GAPS.search(page[0])) and any(_GAPS.search(line) for line in following)


def _number(line: str, page: int) -> int | None:
    """Give the page number that a line consists of, if it is one; roman numerals count as the page itself."""
    found = _PAGE_NUMBER.fullmatch(line.strip())
    if found is None:
        return None
    return int(found.group(1)) if found.group(1).isdigit() else page


def _counts_pages(numbers: Sequence[int | None], at: int) -> bool:
    """Whether the number on this page is one more or less than on the page before or after, or its own."""
    number = numbers[at]
    if number is None:
        return False
    if number == at + 1:
        return True
    before = numbers[at - 1] if at else None
    after = numbers[at + 1] if at + 1 < len(numbers) else None
    return before == number - 1 or after == number + 1
