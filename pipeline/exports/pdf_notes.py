"""A reviewer's own PDF with the program's codings as annotations: highlights with notes, by frame.

The file is added to and not rewritten: every byte of the original stays where it was, and the
annotations follow behind it (an incremental update, as PDF viewers save comments).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from labels.codebook import Codebook
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.pdf_places import Place
from pipeline.exports.refi import PROGRAM, PageBox, coding_words
from pipeline.records import Coding, Passage

TINT = 0.4  # of the frame's colour in its highlight: black words on it stay at 7:1 or more
_PRINTED = 4
_NOTE_SIZE = 18.0
_FRESH_COPY = "Open it in a PDF viewer, save a new copy and profile that"


@dataclass(frozen=True, slots=True)
class Annotated:
    """What was written: passages highlighted at their words, and passages noted on their page only."""

    highlighted: int
    noted: int


def annotate_pdf(
    path: Path,
    out: Path,
    codebook: Codebook,
    coded: Sequence[tuple[Passage, Coding]],
    places: Mapping[str, Place],
    *,
    date: str = "",
) -> Annotated:
    """Write ``path`` to ``out`` with a highlight at each coded passage, in the colour of its first frame.

    ``date`` is a PDF date (``D:20261122101500Z``). A passage whose place is not known gets a note on
    its page. Raises UnreadableDocumentError for a PDF that is protected against changes or damaged.
    """
    original = path.read_bytes()
    try:
        if PdfReader(io.BytesIO(original)).is_encrypted:
            raise UnreadableDocumentError(
                path, "the PDF is protected, and comments may not be added to it",
                "Ask its owner for a copy without protection",
            )  # fmt: skip
        writer = PdfWriter(io.BytesIO(original), incremental=True)
        highlighted = noted = 0
        for passage, coding in coded:
            place = places.get(passage.id)
            if place is not None and place.lines:
                _highlight(writer, passage, coding, place.lines, codebook, date)
                highlighted += 1
            elif passage.pages:
                _note(writer, passage, coding, noted, codebook, date)
                noted += 1
        buffer = io.BytesIO()
        writer.write(buffer)
    except (PyPdfError, ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError) as error:
        if isinstance(error, UnreadableDocumentError):
            raise
        # pypdf raises all of these for damaged files that pdfium, which read this one, mends silently.
        raise UnreadableDocumentError(
            path, "the PDF is damaged, so nothing can be added to it", _FRESH_COPY
        ) from error
    data = buffer.getvalue()
    if not data.startswith(original):
        raise UnreadableDocumentError(
            path, "nothing can be added to the PDF without changing it", _FRESH_COPY
        )
    out.write_bytes(data)
    return Annotated(highlighted, noted)


def _highlight(
    writer: PdfWriter,
    passage: Passage,
    coding: Coding,
    lines: Sequence[PageBox],
    codebook: Codebook,
    date: str,
) -> None:
    said = coding_words(coding, codebook)
    for page in dict.fromkeys(line.page for line in lines):
        here = [line for line in lines if line.page == page]
        quads = [v for b in here for v in (b.x0, b.y1, b.x1, b.y1, b.x0, b.y0, b.x1, b.y0)]
        around = (
            min(b.x0 for b in here),
            min(b.y0 for b in here),
            max(b.x1 for b in here),
            max(b.y1 for b in here),
        )
        colour = _tint(codebook, coding)
        annotation = _annotation("/Highlight", passage, coding, said, around, colour, codebook, page, date)
        annotation[NameObject("/QuadPoints")] = _numbers(quads)
        shape = writer._add_object(_appearance(here, around, colour))
        annotation[NameObject("/AP")] = DictionaryObject({NameObject("/N"): shape})
        writer.add_annotation(page - 1, annotation)
        said = f"(continued)\n{coding_words(coding, codebook)}"


def _note(
    writer: PdfWriter, passage: Passage, coding: Coding, number: int, codebook: Codebook, date: str
) -> None:
    """Put a note at the page's edge, one below the other."""
    page = passage.pages[0]
    box = writer.pages[page - 1].cropbox
    left, top = float(box.left) + 4, float(box.top) - 4 - number % 20 * (_NOTE_SIZE + 2)
    said = f"{coding_words(coding, codebook)}\nIts place on the page was not found. It begins: {passage.text[:160]}"
    around = (left, top - _NOTE_SIZE, left + _NOTE_SIZE, top)
    colour = _tint(codebook, coding)
    annotation = _annotation("/Text", passage, coding, said, around, colour, codebook, page, date)
    annotation[NameObject("/Name")] = NameObject("/Comment")
    writer.add_annotation(page - 1, annotation)


def _annotation(
    kind: str,
    passage: Passage,
    coding: Coding,
    said: str,
    around: Sequence[float],
    colour: Sequence[float],
    codebook: Codebook,
    page: int,
    date: str,
) -> DictionaryObject:
    frame = codebook.frame(_leading(coding))
    made = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(kind),
            NameObject("/Rect"): _numbers(around),
            NameObject("/C"): _numbers(colour),
            NameObject("/T"): TextStringObject(PROGRAM),
            NameObject("/Subj"): TextStringObject(frame.name),  # viewers sort and filter comments by it
            NameObject("/Contents"): TextStringObject(said),
            NameObject("/NM"): TextStringObject(f"{passage.id} p{page}"),
            NameObject("/F"): NumberObject(_PRINTED),
        }
    )
    if date:
        made[NameObject("/M")] = made[NameObject("/CreationDate")] = TextStringObject(date)
    return made


def _leading(coding: Coding) -> str:
    return coding.primary or coding.frames[0]


def _tint(codebook: Codebook, coding: Coding) -> tuple[float, float, float]:
    colour = codebook.frame(_leading(coding)).colour or "#6E6E6E"
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 1 - TINT * (1 - red), 1 - TINT * (1 - green), 1 - TINT * (1 - blue)


def _appearance(lines: Sequence[PageBox], around: Sequence[float], colour: Sequence[float]) -> StreamObject:
    """Draw the highlight for viewers that do not draw it themselves; multiplied, so that words stay black."""
    boxes = "\n".join(f"{b.x0:.2f} {b.y0:.2f} {b.x1 - b.x0:.2f} {b.y1 - b.y0:.2f} re" for b in lines)
    stream = StreamObject()
    stream.set_data(f"/G gs {colour[0]:.3f} {colour[1]:.3f} {colour[2]:.3f} rg\n{boxes}\nf".encode("ascii"))
    state = DictionaryObject(
        {NameObject("/Type"): NameObject("/ExtGState"), NameObject("/BM"): NameObject("/Multiply")}
    )
    stream.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): _numbers(around),
            NameObject("/Group"): DictionaryObject({NameObject("/S"): NameObject("/Transparency")}),
            NameObject("/Resources"): DictionaryObject(
                {NameObject("/ExtGState"): DictionaryObject({NameObject("/G"): state})}
            ),
        }
    )
    return stream


def _numbers(values: Sequence[float]) -> ArrayObject:
    return ArrayObject([FloatObject(f"{value:.3f}") for value in values])
