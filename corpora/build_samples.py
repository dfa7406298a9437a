"""Make the sample documents that are not plain text (DOCX, PDF, PPTX, a scan) from the prose we wrote.

``python -m corpora.build_samples`` writes them into ``corpora/samples``; needs the ``dev`` extra. The
same sources give the same bytes. HTML, Markdown and CSV samples are written by hand where they lie.
"""

from __future__ import annotations

import io
import random
import re
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import docx
import pptx
import yaml
from docx.shared import Pt
from PIL import Image, ImageDraw, ImageFont
from pptx.util import Pt as SlidePt
from reportlab.lib import colors, pagesizes, units
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from corpora.samples import samples_folder

SOURCES = Path(__file__).resolve().parent / "sample_sources"
INVENTED = "Invented sample document \u2013 no real school, district or person."
MADE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # any fixed time: files must not differ from build to build

BlockKind = Literal["heading", "paragraph", "item", "table", "note", "pagebreak"]


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """One block of a source: ``level`` is a heading's level, ``rows`` a table's cells."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One sample's prose: title, subtitle, running head and foot, and blocks in order."""

    title: str
    subtitle: str
    head: str = ""
    foot: str = ""
    blocks: tuple[SourceBlock, ...] = field(default=())


def read_source(path: Path) -> Source:
    """Read a source: YAML between ``---`` lines, then one block a line (see ``_blocks``)."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    said = yaml.safe_load(front)
    return Source(blocks=tuple(_blocks(body.splitlines())), **{key: str(said[key]) for key in said})


def _blocks(lines: list[str]) -> Iterator[SourceBlock]:
    """Read ``# heading``, ``- item``, ``| cell | cell |``, ``> speaker's note`` and paragraphs."""
    rows: list[tuple[str, ...]] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
            continue
        if rows:
            yield SourceBlock("table", rows=tuple(rows))
            rows = []
        if heading := re.match(r"(#+) (.*)", line):
            yield SourceBlock("heading", heading[2], level=len(heading[1]))
        elif line == r"\pagebreak":
            yield SourceBlock("pagebreak")
        elif line.startswith("- "):
            yield SourceBlock("item", line[2:])
        elif line.startswith("> "):
            yield SourceBlock("note", line[2:])
        elif line:
            yield SourceBlock("paragraph", line)


# ── Word ────────────────────────────────────────────────────────────────────────────────────────


def build_docx(source: Source) -> bytes:
    """Write a Word document with title, headings, lists and tables in Word's own styles."""
    made = docx.Document()
    made.styles["Normal"].font.name = "Calibri"
    made.styles["Normal"].font.size = Pt(11)
    made.add_paragraph(source.title, style="Title")
    made.add_paragraph(source.subtitle, style="Subtitle")
    made.add_paragraph().add_run(INVENTED).italic = True
    for block in source.blocks:
        if block.kind == "heading":
            made.add_heading(block.text, level=block.level)
        elif block.kind == "table":
            table = made.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            made.add_paragraph()
        else:
            made.add_paragraph(block.text, style="List Bullet" if block.kind == "item" else None)
    _stamp(made.core_properties, source)
    return _settled(made.save)


# ── slides ──────────────────────────────────────────────────────────────────────────────────────


def build_pptx(source: Source) -> bytes:
    """Write slides: each heading begins one, list items are its bullets, notes the speaker's notes."""
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[0])
    first.shapes.title.text = source.title
    first.placeholders[1].text = f"{source.subtitle}\n{INVENTED}"
    for paragraph in first.placeholders[1].text_frame.paragraphs:
        paragraph.font.size = SlidePt(20)
    slide, body = first, first.placeholders[1].text_frame
    empty = True
    for block in source.blocks:
        if block.kind == "heading":
            slide = made.slides.add_slide(made.slide_layouts[1])
            slide.shapes.title.text = block.text
            slide.shapes.title.text_frame.paragraphs[0].font.size = SlidePt(32)
            body, empty = slide.placeholders[1].text_frame, True
        elif block.kind == "note":
            slide.notes_slide.notes_text_frame.text = block.text
        else:
            paragraph = body.paragraphs[0] if empty else body.add_paragraph()
            paragraph.text, empty = block.text, False
            paragraph.font.size = SlidePt(22)
    _stamp(made.core_properties, source)
    return _settled(made.save)


def _stamp(properties: Any, source: Source) -> None:
    properties.title, properties.author = source.title, "Invented sample"
    properties.comments, properties.last_modified_by = INVENTED, "Invented sample"
    properties.created = properties.modified = MADE.replace(tzinfo=None)


def _settled(save: Callable[[io.BytesIO], None]) -> bytes:
    """Return what ``save`` writes as a ZIP whose entries carry a fixed time instead of the clock's."""
    fresh, settled = io.BytesIO(), io.BytesIO()
    save(fresh)
    with zipfile.ZipFile(fresh) as old, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, MADE.timetuple()[:6]), old.read(name), zipfile.ZIP_DEFLATED)
    return settled.getvalue()


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────────

_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14.5, spaceAfter=7)
_STYLES = {
    "title": ParagraphStyle("title", _BODY, fontName="Helvetica-Bold", fontSize=17, leading=21),
    "subtitle": ParagraphStyle("subtitle", _BODY, fontName="Helvetica", fontSize=11.5, spaceAfter=4),
    "invented": ParagraphStyle("invented", _BODY, fontName="Helvetica-Oblique", fontSize=9.5, spaceAfter=14),
    "heading1": ParagraphStyle(
        "h1", _BODY, fontName="Helvetica-Bold", fontSize=13, leading=17, spaceBefore=9, keepWithNext=1
    ),
    "heading2": ParagraphStyle(
        "h2", _BODY, fontName="Helvetica-Bold", fontSize=11, spaceBefore=5, keepWithNext=1
    ),
    "item": ParagraphStyle("item", _BODY, leftIndent=20, bulletIndent=8),
    "cell": ParagraphStyle("cell", _BODY, fontSize=9, leading=11, spaceAfter=0),
    "head_cell": ParagraphStyle(
        "hc", _BODY, fontName="Helvetica-Bold", fontSize=8.5, leading=11, spaceAfter=0
    ),
}
_MARGIN = units.inch


def build_pdf(source: Source) -> bytes:
    """Write a PDF of letter pages with running head, running foot and "Page 2 of 7"."""
    pages = 0
    for _ in range(2):  # once to count the pages, once to print how many there are
        out = io.BytesIO()
        pages = _write_pdf(source, out, pages)
    return out.getvalue()


def _write_pdf(source: Source, out: io.BytesIO, pages: int) -> int:
    width, height = pagesizes.letter

    def furniture(canvas: Canvas, made: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8.5)
        canvas.drawString(_MARGIN, height - 0.6 * units.inch, source.head)
        canvas.line(_MARGIN, height - 0.66 * units.inch, width - _MARGIN, height - 0.66 * units.inch)
        canvas.drawString(_MARGIN, 0.55 * units.inch, source.foot)
        canvas.drawRightString(width - _MARGIN, 0.55 * units.inch, f"Page {made.page} of {pages}")

    made = BaseDocTemplate(
        out,
        pagesize=pagesizes.letter,
        title=source.title,
        author="Invented sample",
        subject=INVENTED,
        lang="en-US",
        invariant=1,
    )
    area = Frame(_MARGIN, _MARGIN, width - 2 * _MARGIN, height - 2 * _MARGIN, id="area")
    made.addPageTemplates(PageTemplate(frames=[area], onPage=furniture))
    made.build([*_head(source), *(_flowable(block) for block in source.blocks)])
    return int(made.page)


def _head(source: Source) -> list[Flowable]:
    texts = (("title", source.title), ("subtitle", source.subtitle), ("invented", INVENTED))
    return [Paragraph(_escaped(text), _STYLES[style]) for style, text in texts]


def _flowable(block: SourceBlock) -> Flowable:
    if block.kind == "pagebreak":
        return PageBreak()
    if block.kind == "table":
        return _pdf_table(block.rows)
    if block.kind == "item":
        return Paragraph(_escaped(block.text), _STYLES["item"], bulletText="\u2022")
    style = _STYLES[f"heading{block.level}"] if block.kind == "heading" else _BODY
    return Paragraph(_escaped(block.text), style)


def _pdf_table(rows: tuple[tuple[str, ...], ...]) -> Flowable:
    styles = [_STYLES["head_cell"], *[_STYLES["cell"]] * (len(rows) - 1)]
    cells = [[Paragraph(_escaped(c), style) for c in row] for row, style in zip(rows, styles, strict=True)]
    room = pagesizes.letter[0] - 2 * _MARGIN
    # No column so narrow that a word breaks, none so wide that the others starve.
    wanted = [max(min(len(row[i]), 28) for row in rows) + 5 for i in range(len(rows[0]))]
    table = Table(cells, colWidths=[room * n / sum(wanted) for n in wanted], repeatRows=1, spaceAfter=10)
    lines = ("GRID", (0, 0), (-1, -1), 0.4, colors.grey)
    table.setStyle(TableStyle([lines, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


# ── a scan ──────────────────────────────────────────────────────────────────────────────────────

_PAGE = (1275, 1650)  # letter at 150 dots an inch: enough for OCR, small enough for a repository
_SCAN_WIDTH = 92  # characters a line
_SCAN_LINES = 50  # lines a page


def build_scan(source: Source) -> bytes:
    """Write a PDF of images only: the text drawn, turned a little, with specks as a copier leaves them."""
    typed = INVENTED.replace("\u2013", "-")  # Pillow's own font has no dash
    lines = [source.subtitle.upper(), source.title, typed, ""]
    for block in source.blocks:
        lines += [*textwrap.wrap(block.text, _SCAN_WIDTH), ""]
    specks = random.Random(3515)  # noqa: S311  # specks, not secrets
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=pagesizes.letter, invariant=1)
    canvas.setTitle("Scan0007")
    for number, first in enumerate(range(0, len(lines), _SCAN_LINES)):
        image = _scanned(lines[first : first + _SCAN_LINES], turn=(0.9, -0.6)[number % 2], specks=specks)
        canvas.drawImage(ImageReader(image), 0, 0, *pagesizes.letter)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _scanned(lines: list[str], *, turn: float, specks: random.Random) -> Image.Image:
    page = Image.new("L", _PAGE, 250)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=23)  # Pillow's own, so that it is the same everywhere
    for i, line in enumerate(lines):
        draw.text((150, 120 + i * 28), line, fill=40, font=font)
    for _ in range(160):
        x, y = specks.randrange(_PAGE[0]), specks.randrange(_PAGE[1])
        draw.point((x, y), fill=specks.randrange(90, 200))
    turned = page.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=242)
    # Sixteen greys and a palette's worth of noise less: the file is a third as large and reads as well.
    return turned.point([round(v / 17) * 17 for v in range(256)])


BUILDERS: dict[str, tuple[Callable[[Source], bytes], str]] = {
    "unit-kitchen-science": (build_docx, ".docx"),
    "policy-3515-technology-facilities": (build_docx, ".docx"),
    "policy-6142-course-access": (build_pdf, ".pdf"),
    "plan-closing-the-distance": (build_pdf, ".pdf"),
    "deck-course-placement": (build_pptx, ".pptx"),
    "memo-laboratory-fees": (build_scan, ".pdf"),
}


def build_all(folder: Path) -> tuple[Path, ...]:
    """Write every built sample into ``folder`` and return their paths."""
    written = []
    for name, (build, suffix) in BUILDERS.items():
        path = folder / f"{name}{suffix}"
        path.write_bytes(build(read_source(SOURCES / f"{name}.md")))
        written.append(path)
    return tuple(written)


if __name__ == "__main__":
    build_all(samples_folder())
