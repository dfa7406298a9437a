"""A reviewer's own Word file with the program's codings as comments, each beside the words it is about.

Nothing else changes: runs are cut in two where a passage begins or ends within one, which does not
show, and every other part of the file is copied as it is.
"""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.text.run import Run
from lxml import etree

from labels.codebook import Codebook
from pipeline.archive import check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.align import Haystack, Match, fold, letters
from pipeline.exports.pdf_notes import Annotated
from pipeline.exports.pdf_places import ENOUGH
from pipeline.exports.refi import PROGRAM, coding_words
from pipeline.exports.safe import write_zip
from pipeline.records import Coding, Passage

_INITIALS = "ef"
# Words that are gone, and text boxes: Word takes no comments in these, and a file may hold them twice.
_ELSEWHERE = {qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent")}
_FRESH_COPY = "Open it in Word or LibreOffice, save it again as .docx and profile that"


@dataclass(slots=True)
class _Words:
    """The letters of a document's runs: for each the text element it is of and its place in that."""

    folded: str
    owners: list[tuple[Any, int]]


def annotate_docx(
    path: Path,
    out: Path,
    codebook: Codebook,
    passages: Sequence[tuple[Passage, Coding]],
    *,
    date: datetime | None = None,
) -> Annotated:
    """Write ``path`` to ``out`` with a comment at each passage that has a frame.

    ``passages`` are all of the document's, in order, so that words that stand in it twice are found
    at the right place. A passage whose words are not found is commented at the document's beginning.
    Raises UnreadableDocumentError for a file that is damaged.
    """
    check_container(path)
    try:
        document = docx.Document(str(path))
        words = _read(document.element.body)
        spans = list(_spans(words, passages))
        commented = lost = 0
        cuts: dict[Any, list[tuple[int, Any]]] = {}
        for (_, coding), span in zip(passages, spans, strict=True):
            if not coding.frames:
                continue
            runs = [_run_between(cuts, *place) for place in span] if span else []
            if not runs:
                lost += 1
                runs = _first_run(document)
                if not runs:
                    continue
            commented += bool(span)
            said = coding_words(coding, codebook)
            said += "" if span else "\nThe place of this passage was not found in the file."
            _comment(document, runs[0], runs[-1], said, date)
        buffer = io.BytesIO()
        document.save(buffer)
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        etree.XMLSyntaxError,
        zipfile.BadZipFile,
    ) as error:
        # python-docx raises all of these for parts that are missing or broken, which mammoth reads past.
        raise UnreadableDocumentError(path, "it is not a sound Word document", _FRESH_COPY) from error
    _with_fixed_dates(buffer, out)
    return Annotated(commented, lost)


def _read(body: Any) -> _Words:
    """Gather the letters of the body's text in document order, tables included."""
    folded: list[str] = []
    owners: list[tuple[Any, int]] = []
    for element in body.iter(qn("w:t")):
        if any(above.tag in _ELSEWHERE for above in element.iterancestors()):
            continue
        if element.getparent().tag != qn("w:r"):
            continue
        for place, character in enumerate(element.text or ""):
            for letter in fold(character):
                folded.append(letter)
                owners.append((element, place))
    return _Words("".join(folded), owners)


def _spans(
    words: _Words, passages: Sequence[tuple[Passage, Coding]]
) -> Iterator[tuple[tuple[Any, int, bool], tuple[Any, int, bool]] | None]:
    """Yield for each passage where it begins and ends: text element, place in it, whether it is the end."""
    haystack = Haystack(words.folded)
    reached = 0
    for passage, _ in passages:
        needle = letters(passage.text).folded
        matches = haystack.align(needle, after=reached)
        main = _main_run(matches)
        if not main or sum(m.length for m in main) < ENOUGH * len(needle):
            yield None
            continue
        first, last = main[0].found, main[-1].found + main[-1].length - 1
        reached = last + 1
        begin, end = words.owners[first], words.owners[last]
        yield (*begin, False), (end[0], end[1] + 1, True)


def _main_run(matches: Sequence[Match]) -> list[Match]:
    """Keep what goes forward from the longest match: a comment covers one stretch of the file."""
    if not matches:
        return []
    longest = max(range(len(matches)), key=lambda i: matches[i].length)
    kept = [matches[longest]]
    for match in matches[longest + 1 :]:
        if 0 <= match.found - (kept[-1].found + kept[-1].length) <= match.length + 200:
            kept.append(match)
    for match in reversed(matches[:longest]):
        if 0 <= kept[0].found - (match.found + match.length) <= match.length + 200:
            kept.insert(0, match)
    return kept


def _run_between(cuts: dict[Any, list[tuple[int, Any]]], element: Any, place: int, is_end: bool) -> Any:
    """Return the run that begins (or, for an end, ends) at a place of a text element, cutting it if need be.

    ``cuts`` remembers how elements were cut before: where each piece begins, and the piece.
    """
    pieces = cuts.setdefault(element, [(0, element)])
    index = max(
        i for i, (begin, _) in enumerate(pieces) if begin < place or (begin == place and not is_end) or i == 0
    )
    begin, piece = pieces[index]
    within = place - begin
    text = piece.text or ""
    if is_end:
        while within < len(text) and not text[within].isspace() and not fold(text[within]):
            within += 1  # the full stop and the quotation mark behind the last word
        if within < len(text):
            pieces.insert(index + 1, (begin + within, _cut(piece, within)))
        return piece.getparent()
    if within > 0:
        piece = _cut(piece, within)
        pieces.insert(index + 1, (begin + within, piece))
    elif piece.getprevious() is not None and piece.getprevious().tag != qn("w:rPr"):
        piece = _cut_before(piece)
        pieces[index] = (begin, piece)
    return piece.getparent()


def _cut(piece: Any, at: int) -> Any:
    """Cut a text element's run at ``at``; returns the text element that holds what follows."""
    run = piece.getparent()
    second = _empty_copy(run)
    rest = copy.deepcopy(piece)
    rest.text = piece.text[at:]
    piece.text = piece.text[:at]
    for element in (piece, rest):
        element.set(qn("xml:space"), "preserve")
    following = list(piece.itersiblings())
    second.append(rest)
    for element in following:
        second.append(element)
    run.addnext(second)
    return rest


def _cut_before(piece: Any) -> Any:
    """Move a text element and what follows it in its run (after a tab or a break) into a run of its own."""
    run = piece.getparent()
    second = _empty_copy(run)
    for element in [piece, *piece.itersiblings()]:
        second.append(element)
    run.addnext(second)
    return piece


def _empty_copy(run: Any) -> Any:
    second = copy.deepcopy(run)
    for child in list(second):
        if child.tag != qn("w:rPr"):
            second.remove(child)
    return second


def _first_run(document: Any) -> list[Any]:
    return list(document.element.body.iter(qn("w:r")))[:1]


def _comment(document: Any, first: Any, last: Any, said: str, date: datetime | None) -> None:
    comment = document.add_comment(
        [Run(first, document), Run(last, document)], text=said, author=PROGRAM, initials=_INITIALS
    )
    element = comment._comment_elm
    element.attrib.pop(qn("w:date"), None)
    if date is not None:
        element.set(qn("w:date"), date.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _with_fixed_dates(buffer: io.BytesIO, out: Path) -> None:
    """Write the file so that its bytes depend on its content and not on the time."""
    with zipfile.ZipFile(buffer) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    write_zip(out, members)
