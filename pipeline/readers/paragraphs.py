"""Paragraphs, headings, list items and rows from lines of plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.readers import columns
from pipeline.readers.lines import (
    Line,
    Marker,
    ends_open,
    is_capitals,
    is_finished,
    is_rule,
    is_title_like,
    marker,
    unmarked,
    without_form_blanks,
)
from pipeline.readers.tables import row_blocks
from pipeline.records import BlockKind, FoundBlock

_ATX = re.compile(r"(#{1,6})\s+(?!.*\S {3,}\S)(.*?)\s*#*$")
_LEADERS = re.compile(r"\.{5,}$")
# Half of what stands at the right of a wrapped line depends on the letters' widths in the original.
_SLACK = 0.15
# A text with lines this long was not wrapped: each line is a paragraph.
_UNWRAPPED = 220
_NARROWEST = 30
_LONG_TITLE = 35
_TITLE_WORDS = 16
# More short lines than this in a row are a form or a list of names, no headings.
_MOST_HEADINGS = 3


@dataclass(slots=True)
class _Open:
    """The block being put together."""

    kind: BlockKind
    level: int
    lines: list[Line] = field(default_factory=list)
    mark: Marker | None = None
    sure: bool = False  # a heading marked as one, however many follow each other


def plain_blocks(text: str) -> list[FoundBlock]:
    """Give the blocks of a plain text without pages."""
    return line_blocks([Line(line.rstrip()) for line in text.expandtabs(4).split("\n")])


def line_blocks(lines: Sequence[Line]) -> list[FoundBlock]:
    """Give the blocks of ``lines``: blank lines part them, lines wrapped at the margin are joined again."""
    lines = [line for line in lines if not line.text or not is_rule(line.text) or "|" in line.text]
    return _Builder(lines, _vocabulary(lines)).blocks()


class _Builder:
    """Goes through the lines once; ``cell`` is for the text of one cell: no tables, no headings."""

    def __init__(self, lines: Sequence[Line], words: frozenset[str], *, cell: bool = False) -> None:
        self.lines = lines
        self.words = words
        self.headings = not cell
        self.first = next((at for at, line in enumerate(lines) if line.text), 0)
        self.tables = {} if cell else columns.find_tables(lines)
        self.widths = _widths(lines, self.tables)
        lengths = sorted(len(line.text) for line in lines if line.text)
        self.wrapped = not lengths or lengths[int(0.95 * (len(lengths) - 1))] <= _UNWRAPPED
        self.found: list[tuple[FoundBlock, bool]] = []
        self.current: _Open | None = None
        self.levels: list[int] = []
        self.last_item = Line("")
        self.ends = {table.end for table in self.tables.values()}

    def blocks(self) -> list[FoundBlock]:
        at, blank = 0, True
        while at < len(self.lines):
            line = self.lines[at]
            table = self.tables.get(at)
            if table is not None:
                self._close()
                self._add_table(table)
                at, blank = table.end, True
                continue
            if not line.text:
                blank, at = True, at + 1
                continue
            if line.words.startswith("|") and line.words.count("|") > 1:
                at = self._pipe_table(at)
                blank = True
                continue
            blank = blank or (at > 0 and self.lines[at - 1].page != line.page)
            mark = marker(line.text)
            if self.current is not None and self._goes_on(self.current, line, mark, blank=blank):
                self.current.lines.append(line)
            else:
                self._close()
                self.current = self._start(at, mark, blank=blank)
            at, blank = at + 1, False
        self._close()
        return _without_false_headings(self.found)

    def _start(self, at: int, mark: Marker | None, *, blank: bool) -> _Open:
        line = self.lines[at]
        hashes = _ATX.match(line.words)
        if hashes is not None and hashes.group(2):
            text = Line(hashes.group(2), line.page)
            return _Open("heading", len(hashes.group(1)), [text], sure=True)
        if self._is_heading(at, mark, blank=blank):
            return _Open("heading", 2 if is_capitals(line.words) else 3, [line])
        if mark is not None:
            self._set_level(line, mark)
            return _Open("list_item", min(len(self.levels), 9), [line], mark)
        if not self.levels or line.indent < self.levels[0] or (blank and line.indent <= self.levels[0]):
            self.levels = []
        return _Open("paragraph", 0, [line])

    def _set_level(self, line: Line, mark: Marker) -> None:
        """Give the depth of an item by its indentation; a list goes on over the page at another margin."""
        last, self.last_item = self.last_item, line
        if self.levels and last.page != line.page and mark.bullet and last.words[:1] == line.words[:1]:
            self.levels[-1] = mark.indent
        while self.levels and self.levels[-1] > mark.indent + 1:
            self.levels.pop()
        if not self.levels or self.levels[-1] + 1 < mark.indent:
            self.levels.append(mark.indent)

    def _goes_on(self, block: _Open, line: Line, mark: Marker | None, *, blank: bool) -> bool:
        last = block.lines[-1]
        text = line.words
        if _ATX.match(text) or (mark is not None and mark.bullet):
            return False
        small = text[0].islower()
        finished = is_finished(last.text)
        new_page = last.page != line.page
        if block.kind == "heading":
            return (
                not block.sure
                and not blank
                and not new_page
                and mark is None
                and len(block.lines) < 3
                and _runs_on(last.words, text)
            )
        full = self._is_full(last, text)
        if mark is not None:
            return full and not finished and not blank and not is_capitals(text)
        if not self.wrapped:
            return small and not finished and len(last.words) > _NARROWEST
        if new_page:
            return not finished and (small or full)
        if blank:
            return small and not finished and (full or len(last.words) > 0.6 * self._width(last))
        if block.mark is not None and line.indent >= block.mark.indent + 1:
            return full or not finished
        if line.indent > last.indent + 2 and finished:
            return False
        return full or (small and not finished)

    def _is_full(self, line: Line, following: str) -> bool:
        """Whether the next line's first word had no room on this line, so that the break means nothing."""
        width = self._width(line)
        if line.indent > 0.5 * width:
            return False  # a label at the right margin
        return len(line.text) + 1 + len(following.split()[0]) > (1 - _SLACK) * width

    def _width(self, line: Line) -> int:
        return self.widths.get(line.page, self.widths[-1])

    def _is_heading(self, at: int, mark: Marker | None, *, blank: bool) -> bool:
        line = self.lines[at]
        text = line.words
        if not self.headings or (at in self.ends and self.lines[at - 1].text):
            return False
        if mark is not None:
            text = line.text[mark.text_at :].strip()
            if mark.bullet or not is_capitals(text) or len(text) < 6:
                return False
        elif self._is_first(at, text):
            return True
        elif not is_title_like(text) and not self._is_plain_title(at, text, blank=blank):
            return False
        if self.wrapped and line.indent < 8 and len(text) > 0.75 * max(self._width(line), 80):
            return False
        before = self.lines[at - 1].words if at else ""
        if not blank and not is_finished(before) and len(before) < 0.6 * self._width(line):
            return False
        following = next((other for other in self.lines[at + 1 : at + 6] if other.text), None)
        if following is not None and following.words[0].islower() and not marker(following.text):
            return _runs_on(text, following.words) and len(following.words) < _NARROWEST
        if following is None or following.page != line.page or not self.lines[at + 1].text:
            return not ends_open(text)
        if at + 1 in self.tables:
            return blank
        # Without a blank line after it: a title on several lines, or much shorter than what it heads.
        after = following.words
        if _runs_on(text, after):
            return blank and self._ends_after(at + 1)
        short = len(text) < 0.6 * min(self._width(line), 110)
        sentence = is_finished(after) and len(after.split()) > 5
        full = len(after) > 0.6 * self._width(line)
        return short and (full or sentence or marker(following.text) is not None)

    def _is_first(self, at: int, text: str) -> bool:
        """Whether this line opens the text alone and short, as a title does, whatever its capitals."""
        alone = at + 1 < len(self.lines) and not self.lines[at + 1].text
        return (
            alone
            and at == self.first
            and len(text.split()) <= _TITLE_WORDS
            and text[0].isupper()
            and text[-1] not in ".,;:!"
        )

    def _is_plain_title(self, at: int, text: str, *, blank: bool) -> bool:
        """Whether a line without a title's capitals stands alone, short, before a longer one."""
        if not blank or len(text.split()) > 6 or not text[0].isupper() or not text[-1].isalnum():
            return False
        below = [other for other in self.lines[at + 1 : at + 4] if other.text]
        alone = at + 1 < len(self.lines) and not self.lines[at + 1].text
        return alone and bool(below) and at + 2 not in self.tables and len(below[0].text.split()) >= 12

    def _ends_after(self, at: int) -> bool:
        """Whether at most two more title lines follow before a blank line, a table or longer text."""
        for number in range(at, at + 3):
            if number >= len(self.lines) or not self.lines[number].text or number in self.tables:
                return True
            if not is_title_like(self.lines[number].words):
                return len(self.lines[number].words) > 0.6 * self._width(self.lines[number])
        return False

    def _close(self) -> None:
        block, self.current = self.current, None
        if block is None:
            return
        parts: list[str] = []
        for line in block.lines:
            words = line.words
            if not parts and block.mark is not None and block.mark.bullet:
                words = line.text[block.mark.text_at :].strip()
            if parts and words:
                # Only the two words at the break matter; the whole text would be searched each time.
                parts[-1], between = self._joint(parts[-1], words)
                parts.append(between)
            parts.append(words)
        text = "".join(parts)
        text = without_form_blanks(_LEADERS.sub("", unmarked(text.replace("\x00", " "))))
        text = " ".join(text.split())
        pages = tuple(sorted({line.page for line in block.lines if line.page}))
        if text:
            self.found.append((FoundBlock(text, block.kind, block.level, pages), block.sure))

    def _joint(self, line: str, more: str) -> tuple[str, str]:
        """Join a wrapped line to the next: the line, and what stands between; a true hyphen stays."""
        cut = re.search(r"([\w\u2019']{1,40})-$", line[-60:])
        if cut is None or not more[:1].isalnum():
            return line, " "
        start = cut.group(1)
        end = re.match(r"[\w\u2019']{1,40}", more)
        if end is None or not more[0].islower() or not start[-1].isalpha():
            return line, ""
        whole, pair = (start + end.group()).lower(), f"{start}-{end.group()}".lower()
        both = start.lower() in self.words and end.group().lower() in self.words
        if pair in self.words or (both and whole not in self.words):
            return line, ""
        return line[:-1], ""

    def _add_table(self, table: columns.Table) -> None:
        for part in table.parts:
            blocks = (
                [part] if isinstance(part, FoundBlock) else _Builder(part, self.words, cell=True).blocks()
            )
            self.found += [(block, True) for block in blocks]

    def _pipe_table(self, at: int) -> int:
        self._close()
        rows: list[list[str]] = []
        header, page = False, self.lines[at].page
        while at < len(self.lines) and self.lines[at].words.startswith("|"):
            text = self.lines[at].words
            if re.fullmatch(r"[|:\-\s]+", text):
                header = header or len(rows) == 1
            else:
                rows.append([unmarked(cell.strip()) for cell in text.strip("|").split("|")])
            at += 1
        pages = (page,) if page else ()
        self.found += [(block, True) for block in row_blocks(rows, header=header, pages=pages)]
        return at


def _runs_on(title: str, more: str) -> bool:
    """Whether a title goes on in the next line: it cannot end there, or it was too long for one."""
    if not is_title_like(more):
        return ends_open(title) and len(more) < _LONG_TITLE
    return ends_open(title) or (len(title) >= _LONG_TITLE and not is_capitals(more) ^ is_capitals(title))


def _widths(lines: Sequence[Line], tables: dict[int, columns.Table]) -> dict[int, int]:
    """Give each page's right margin in characters, near its longest line's end; -1 is the whole text's."""
    lengths: dict[int, list[int]] = {-1: []}
    at = 0
    while at < len(lines):
        if at in tables:
            at = tables[at].end
            continue
        line = lines[at]
        if line.text:
            lengths[-1].append(len(line.text))
            lengths.setdefault(line.page, []).append(len(line.text))
        at += 1
    widths = {page: _margin(found) for page, found in lengths.items() if len(found) >= 5 or page == -1}
    return {page: width if page == -1 else max(width, _NARROWEST) for page, width in widths.items()}


def _margin(lengths: list[int]) -> int:
    if not lengths:
        return _NARROWEST
    return sorted(lengths)[round(0.95 * (len(lengths) - 1))]


def _vocabulary(lines: Sequence[Line]) -> frozenset[str]:
    """Give the words of the text, hyphenated ones whole and in parts, without those cut at a margin."""
    words: set[str] = set()
    for line in lines:
        found = re.findall(r"[^\W\d_][\w\u2019'-]*", line.text.lower())
        if line.text.endswith("-"):
            found = found[:-1]
        words.update(found)
        words.update(part for word in found if "-" in word for part in word.split("-"))
    return frozenset(words)


def _without_false_headings(found: list[tuple[FoundBlock, bool]]) -> list[FoundBlock]:
    """Short lines in long runs are forms or lists of names, and what stands last heads nothing."""
    blocks: list[FoundBlock] = []
    run: list[FoundBlock] = []

    def end_run(*, heads: bool) -> None:
        real = heads and len(run) <= _MOST_HEADINGS
        blocks.extend(block if real else FoundBlock(block.text, "paragraph", 0, block.pages) for block in run)
        run.clear()

    for block, sure in found:
        if block.kind == "heading" and not sure:
            run.append(block)
            continue
        end_run(heads=True)
        blocks.append(block)
    end_run(heads=False)
    return blocks
