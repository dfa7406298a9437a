"""Split a document into passages, the unit of coding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from pipeline.records import Block, Document, Passage, mean_sureness
from pipeline.sentences import sentence_spans

MIN_WORDS = 5  # less is a page number, a label or a signature line
SHORT = 15  # the coding guide's smallest passage: shorter blocks join their neighbour
AIM = 40  # a run of sentences or of short items is closed once it has this many words ...
MOST = 120  # ... and never has more than this many, unless one sentence does
FEWEST_LETTERS = 0.5  # of the characters that are not space: less is a table of figures, no passage

_LEAD_IN = re.compile(r":\s*(?:\([^()]*\)\s*)?$")  # "... the following:", also with a citation behind it


class Split(NamedTuple):
    """The passages of a document, in order, and what the reader of the result should know."""

    passages: list[Passage]
    warnings: list[str]


class _Piece(NamedTuple):
    """A stretch of the document that will be a passage: where it lies, and its list's lead-in if outside."""

    start: int
    end: int
    lead_in: str = ""


def split_passages(
    document: Document, *, fits: Callable[[str], bool] | None = None, min_words: int = MIN_WORDS
) -> Split:
    """Split ``document`` at paragraph ends, keeping where each passage came from.

    A paragraph is a passage; one over 120 words becomes runs of sentences of about 40 to 120
    words; blocks under 15 words join their neighbour in the same section; a list item or table
    row of 15 words or more stands alone, shorter ones are gathered. No passage crosses a
    heading. ``document.text[p.start:p.end] == p.text`` holds for every passage, so any coding
    can be checked against the source. Pieces under ``min_words`` words are left out.

    ``fits`` says whether a text is within the model's window; what is not is split further,
    and a warning says how often.
    """
    passages: list[Passage] = []
    cut = 0
    for section in _sections(document.blocks):
        for piece in _join_short(document.text, list(_pieces(document.text, section))):
            parts = list(_to_fit(document.text, piece, fits))
            cut += len(parts) > 1
            for part in parts:
                text = document.text[part.start : part.end]
                words = len(text.split())
                if words < min_words or not _is_prose(text):
                    continue
                order = len(passages)
                passages.append(
                    Passage(
                        id=f"{document.id}-{order:04d}",
                        document_id=document.id,
                        order=order,
                        start=part.start,
                        end=part.end,
                        text=text,
                        heading_path=section[0].heading_path,
                        pages=_pages(section, part),
                        word_count=words,
                        lead_in=part.lead_in,
                        sureness=_sureness(section, part),
                    )
                )
    warnings = []
    if cut:
        many = "passage was" if cut == 1 else "passages were"
        warnings.append(f"{cut} {many} longer than the model reads at once and split further")
    return Split(passages, warnings)


def _sections(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield the blocks between one heading and the next."""
    for heading, group in groupby(blocks, key=lambda b: b.kind == "heading"):
        if not heading:
            yield list(group)


def _pieces(text: str, section: Sequence[Block]) -> Iterator[_Piece]:
    """Cut one section into pieces, lists with their lead-in."""
    lead: Block | None = None  # a paragraph that introduces the list behind it
    for listed, group in groupby(section, key=lambda b: b.kind in {"list_item", "table_row"}):
        blocks = list(group)
        if listed:
            yield from _list_pieces(text, blocks, lead)
            lead = None
            continue
        lead = blocks[-1] if _LEAD_IN.search(text, blocks[-1].start, blocks[-1].end) else None
        for block in blocks:
            if block is lead and block is not section[-1] and _words(text, block) <= AIM:
                continue  # goes with its list
            yield from _paragraph_pieces(text, block)
        if lead is not None and (lead is section[-1] or _words(text, lead) > AIM):
            lead = None


def _list_pieces(text: str, items: Sequence[Block], lead: Block | None) -> Iterator[_Piece]:
    """Gather short items, leave long ones alone; the first piece begins at the lead-in."""
    said = text[lead.start : lead.end] if lead else ""
    start: int | None = lead.start if lead else None
    first = True
    gathered = 0
    for i, item in enumerate(items):
        words = _words(text, item)
        if start is None:
            start, gathered = item.start, 0
        gathered += words
        following = _words(text, items[i + 1]) if i + 1 < len(items) else 0
        full = gathered >= AIM or words >= SHORT or following >= SHORT or gathered + following > MOST
        if full or i + 1 == len(items):
            if gathered > MOST:
                yield from _runs(text, start, item.end, said if not first else "")
            else:
                yield _Piece(start, item.end, "" if first else said)
            start, first = None, False


def _paragraph_pieces(text: str, block: Block) -> Iterator[_Piece]:
    if _words(text, block) <= MOST:
        yield _Piece(block.start, block.end)
    else:
        yield from _runs(text, block.start, block.end)


def _runs(text: str, start: int, end: int, lead_in: str = "") -> Iterator[_Piece]:
    """Cut a long stretch into runs of whole sentences, as even as they come."""
    spans = [(start + a, start + b) for a, b in sentence_spans(text[start:end])]
    counts = [len(text[a:b].split()) for a, b in spans]
    left = sum(counts)
    runs = max(1, -(-left // ((AIM + MOST) // 2)))
    aim = left / runs
    first, gathered = 0, 0
    for i, count in enumerate(counts):
        following = counts[i + 1] if i + 1 < len(counts) else 0
        gathered += count
        left -= count
        enough = gathered >= aim * 0.8 and left >= AIM
        if i + 1 == len(counts) or enough or gathered + following > MOST:
            yield _Piece(spans[first][0], spans[i][1], lead_in)
            first, gathered = i + 1, 0


def _join_short(text: str, pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Join pieces under 15 words to the next one of the section, or the last one to the one before."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        together = len(text[last.start : piece.end].split()) if last else 0
        if (
            last
            and together <= MOST
            and (_count(text, last) < SHORT or (piece is pieces[-1] and _count(text, piece) < SHORT))
            and not piece.lead_in
        ):
            joined[-1] = _Piece(last.start, piece.end, last.lead_in)
        else:
            joined.append(piece)
    yield from joined


def _to_fit(text: str, piece: _Piece, fits: Callable[[str], bool] | None) -> Iterator[_Piece]:
    """Halve a piece, at a sentence end if there is one, else between words, until each part fits."""
    said = text[piece.start : piece.end]
    if fits is None or fits(f"{piece.lead_in} {said}" if piece.lead_in else said):
        yield piece
        return
    if piece.lead_in and fits(said):
        yield piece._replace(lead_in="")
        return
    middle = len(said) // 2
    sentence_starts = [a for a, _ in sentence_spans(said)[1:]]
    word_starts = [i + 1 for i, c in enumerate(said[:-1]) if c.isspace() and not said[i + 1].isspace()]
    places = sentence_starts or word_starts or [middle]
    at = min(places, key=lambda p: abs(p - middle))
    if not 0 < at < len(said):
        yield piece  # one character: nothing is left to part
        return
    head = said[:at].rstrip()
    yield from _to_fit(text, _Piece(piece.start, piece.start + len(head), piece.lead_in), fits)
    yield from _to_fit(text, _Piece(piece.start + at, piece.end, piece.lead_in), fits)


def _pages(section: Sequence[Block], piece: _Piece) -> tuple[int, ...]:
    touched = (b.pages for b in section if b.start < piece.end and b.end > piece.start)
    return tuple(sorted({page for pages in touched for page in pages}))


def _sureness(section: Sequence[Block], piece: _Piece) -> float | None:
    return mean_sureness(
        [
            (b.sureness, min(b.end, piece.end) - max(b.start, piece.start))
            for b in section
            if b.start < piece.end and b.end > piece.start
        ]
    )


def _is_prose(text: str) -> bool:
    solid = "".join(text.split())
    return sum(map(str.isalpha, solid)) >= FEWEST_LETTERS * len(solid)


def _words(text: str, block: Block) -> int:
    return len(text[block.start : block.end].split())


def _count(text: str, piece: _Piece) -> int:
    return len(text[piece.start : piece.end].split())
