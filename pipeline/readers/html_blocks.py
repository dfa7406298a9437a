"""Blocks from HTML: the one block reader behind HTML, DOCX, ODT, EPUB and Markdown.

It stands on the standard library's ``html.parser``, which reads 200,000 nested elements in a
second where tree builders give nothing or hang. No step looks further up than the innermost open
element, so the time stays in proportion to the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from pipeline.readers.html_scopes import SILENT_TAGS, Scope, kept_scopes, scope_kind
from pipeline.readers.html_tables import Piece, Table, table_pieces
from pipeline.readers.lines import marker
from pipeline.readers.paragraphs import plain_blocks
from pipeline.records import BlockKind, FoundBlock

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Text before and after one of these belongs to different blocks.
_BREAKING = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# Opening one of these closes an open one of the same name: people leave out </p>, </li> and </td>.
_CLOSED_BY_NEXT = {
    "p": ("p",), "li": ("li",), "tr": ("tr", "td", "th"), "td": ("td", "th"), "th": ("td", "th"),
    "dt": ("dt", "dd"), "dd": ("dt", "dd"), "option": ("option",),
}  # fmt: skip
# ... but not across one of these, which may hold a whole document of its own.
_FENCES = frozenset(("table", "ul", "ol", "div", "section", "article", "blockquote", "main", "body"))
_COMMENTS = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Word's conditions, and the signs around the character data of XHTML.
_MARKED = re.compile(r"<!\[CDATA\[|\]\]>|<!\[[^<>]{0,200}>")
_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl"))
_DEEPEST_TABLE = 3
_DEEPEST_LIST = 9
_HEADING_WORDS = 40
_LABEL_WORDS = 12


def html_blocks(html: str, *, page: bool = False) -> tuple[list[FoundBlock], str | None]:
    """Give the blocks of ``html`` in reading order, and its title.

    ``page`` is for web pages: menus, banners, forms, hidden parts and everything outside the main
    content go. Otherwise all text stays. A ``<br>`` is a line break the writer meant. The title
    is the text of the first ``h1``, or else of ``<title>``.
    """
    parser = _Parser(page=page)
    parser.feed(_closed(html))
    parser.close()
    parser.end()
    pieces = parser.content()
    title = next((piece.text for piece in pieces if piece.kind == "heading" and piece.level == 1), None)
    has_headings = any(piece.kind == "heading" for piece in pieces)
    blocks: list[FoundBlock] = []
    for piece in pieces:
        blocks += _finished(piece, label_level=6 if has_headings else 2)
    return blocks, title or parser.title


def _closed(html: str) -> str:
    """Leave out comments and marked sections, and make text of a tag that never ends.

    The standard parser raises on marked sections that it does not know, and it tries each ``<``
    after the last ``>`` anew, which takes time with the square of their number.
    """
    html = _MARKED.sub("", _COMMENTS.sub(" ", html)).replace("<![", "&lt;![")
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;")


def _finished(piece: Piece, *, label_level: int) -> list[FoundBlock]:
    """Most pieces are one block; lines with bullets typed into a paragraph are items."""
    if piece.kind == "paragraph":
        lines = piece.text.split("\n")
        if len(lines) > 1 and sum(marker(line) is not None for line in lines) >= 2:
            return plain_blocks(piece.text)
        if piece.bold and len(lines) == 1 and _is_label(piece.text):
            return [FoundBlock(piece.text, "heading", label_level)]
    return [FoundBlock(piece.text, piece.kind, piece.level)]


def _is_label(text: str) -> bool:
    """Tell a heading as its reader does: by a short line in bold, whatever its writer called it."""
    return len(text.split()) <= _LABEL_WORDS and text[-1] not in ".;,!" and text[0].upper() == text[0]


@dataclass(slots=True)
class _Open:
    """An open element and what it opened: a part of the page, a table, a cell."""

    tag: str
    scope: bool = False
    table: bool = False
    cell: bool = False


class _Parser(HTMLParser):
    """Collects pieces; every element opened is on ``open`` with what closing it must undo."""

    def __init__(self, *, page: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.title: str | None = None
        self.open: list[_Open] = []
        self.open_tags: dict[str, int] = {}
        self.scopes = [Scope(0, "main")]
        self.scope_path = [0]
        self.silent = 0
        self.lists = 0
        self.heading = 0
        self.note_mark = 0
        self.text: list[str] = []
        self.visible = 0
        self.bold = 0
        self.tables: list[Table] = []
        self.done: list[Piece] = []
        self.sinks: list[list[Piece]] = [self.done]
        self.in_title: list[str] | None = None

    # Events

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and self.title is None and not self.open_tags.get("svg"):
            self.in_title = []
        if tag in _BREAKING and self.open_tags.get("head") and not self.open_tags.get("noscript"):
            self.handle_endtag("head")  # a head that was never closed must not swallow the page
        for other in _CLOSED_BY_NEXT.get(tag, ()):
            self._close_if_near(other)
        if tag == "br":
            self.text.append("\n")
            return
        if tag in _BREAKING:
            self._flush()
        if tag in _VOID:
            return
        attributes = {name: value or "" for name, value in attrs}
        element = _Open(tag)
        element.scope = self._open_scope(tag, attributes)
        self.open.append(element)
        self.open_tags[tag] = self.open_tags.get(tag, 0) + 1
        if tag in SILENT_TAGS:
            self.silent += 1
        elif tag == "a" and self.open_tags.get("sup") and attributes.get("href", "").startswith("#"):
            self.note_mark = len(self.open)  # the raised number of a footnote is no word
        elif tag in _LISTS:
            self.lists += 1
        elif tag in _HEADINGS:
            self.heading = _HEADINGS[tag]
        elif attributes.get("role", "").lower() == "heading":
            level = attributes.get("aria-level", "2")
            self.heading = min(int(level), 6) if level in set("123456789") else 2
        elif tag in {"table", "tr", "td", "th"}:
            self._start_table_part(element, attributes)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title" and self.in_title is not None:
            self.title = " ".join("".join(self.in_title).split()) or None
            self.in_title = None
        if self.open_tags.get(tag):
            while self._pop() != tag:
                pass
        elif tag == "p":
            self._flush()

    def handle_data(self, data: str) -> None:
        if self.in_title is not None:
            self.in_title.append(data)
        if self.silent or self.note_mark:
            return
        if not self.open_tags.get("pre"):
            data = re.sub(r"\s+", " ", data)
        self.text.append(data)
        visible = len(data.strip())
        self.visible += visible
        if self.open_tags.get("b") or self.open_tags.get("strong"):
            self.bold += visible
        scope = self.scopes[self.scope_path[-1]]
        scope.characters += visible
        scope.words += len(data.split())
        if self.open_tags.get("a"):
            scope.linked += visible
        if scope.kind == "consent" and len(scope.sample) < 4000:
            scope.sample += " " + data

    def end(self) -> None:
        """Close what the page left open."""
        while self.open:
            self._pop()
        self._flush()

    def content(self) -> list[Piece]:
        """Give the pieces that stay; on a web page, those of the main content."""
        if not self.page:
            return self.done
        kept, main = kept_scopes(self.scopes)
        chosen = [piece for piece in self.done if kept[piece.scope] and main[piece.scope]]
        if chosen and not any(piece.kind == "heading" and piece.level == 1 for piece in chosen):
            # The page's own heading often stands above its main part, or in its banner.
            ones = [piece for piece in self.done if piece.kind == "heading" and piece.level == 1]
            if len(ones) == 1:
                chosen.insert(0, ones[0])
        return chosen

    # Structure

    def _open_scope(self, tag: str, attributes: dict[str, str]) -> bool:
        if not self.page or tag in {"body", "html"}:
            return False
        inside = bool(self.open_tags.get("main") or self.open_tags.get("article"))
        kind = scope_kind(tag, attributes, in_content=inside)
        if kind is None:
            return False
        self._flush()
        self.scopes.append(Scope(self.scope_path[-1], kind))
        self.scope_path.append(len(self.scopes) - 1)
        return True

    def _close_if_near(self, tag: str) -> None:
        """Close an open ``tag`` unless a fence stands between; looks at a few elements at most."""
        if not self.open_tags.get(tag):
            return
        for depth in range(1, min(len(self.open), 12) + 1):
            name = self.open[-depth].tag
            if name == tag:
                for _ in range(depth):
                    self._pop()
                return
            if name in _FENCES:
                return

    def _pop(self) -> str:
        element = self.open[-1]
        tag = element.tag
        if tag in _BREAKING or element.scope:
            self._flush()
        self.open.pop()
        self.open_tags[tag] -= 1
        if element.scope:
            self.scope_path.pop()
        if self.note_mark > len(self.open):
            self.note_mark = 0
        if tag in SILENT_TAGS:
            self.silent -= 1
        elif tag in _LISTS:
            self.lists -= 1
        elif tag in _BREAKING:
            self.heading = 0
        if element.cell:
            self.sinks.pop()
        elif element.table:
            self._end_table(self.tables.pop())
        return tag

    def _start_table_part(self, element: _Open, attributes: dict[str, str]) -> None:
        if element.tag == "table":
            # Each level hands its text to the next one out, so the depth must have an end.
            if len(self.tables) < _DEEPEST_TABLE:
                layout = attributes.get("role", "").lower() in {"presentation", "none"}
                self.tables.append(Table(layout=layout))
                element.table = True
            return
        if not self.tables or self.open_tags["table"] > len(self.tables):
            return
        table = self.tables[-1]
        if element.tag == "tr" or not table.rows:
            table.rows.append([])
            table.plain_cells.append(0)
        if element.tag == "tr":
            return
        cell: list[Piece] = []
        table.rows[-1].append(cell)
        if element.tag == "td" and not self.open_tags.get("thead"):
            table.plain_cells[-1] += 1
        span = attributes.get("colspan", "1")
        if span.isdecimal() and len(span) < 3:
            table.rows[-1].extend([] for _ in range(int(span) - 1))
        self.sinks.append(cell)
        element.cell = True

    def _flush(self) -> None:
        text, bold = "".join(self.text), self.bold >= self.visible > 0
        self.text, self.visible, self.bold = [], 0, 0
        if not text or text.isspace():
            return
        scope, sink = self.scope_path[-1], self.sinks[-1]
        if self.open_tags.get("pre"):
            sink += [Piece(b.text, b.kind, b.level, scope, False) for b in plain_blocks(text)]
            return
        for part in re.split(r"\n\s*\n", text):
            part = "\n".join(line for line in (" ".join(raw.split()) for raw in part.split("\n")) if line)
            if part in {"", "\u2191"}:  # Word's way back from a footnote is an arrow
                continue
            kind, level = self._kind(part)
            sink.append(Piece(part, kind, level, scope, bold))

    def _kind(self, text: str) -> tuple[BlockKind, int]:
        if self.heading and len(text.split()) <= _HEADING_WORDS:
            return "heading", self.heading
        if self.lists and (self.open_tags.get("li") or self.open_tags.get("dd")):
            return "list_item", min(self.lists, _DEEPEST_LIST)
        return "paragraph", 0

    def _end_table(self, table: Table) -> None:
        self.sinks[-1].extend(table_pieces(table))
