"""PDFs made for the tests, line by line, so that each knows what stands where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 612.0, 792.0
BODY, BOLD = "Helvetica", "Helvetica-Bold"

SENTENCES = (
    "Students in every school take part in the planning of their garden.",
    "The council meets each month and hears what families have noticed.",
    "Teachers keep a journal of the questions that come up in class.",
    "Each group chooses a stream near its school and returns to it in spring.",
    "Results are shared with neighbors at an open evening in the library.",
    "Materials are bought once a year from the fund for shared equipment.",
    "A second visit lets every team check what it found the first time.",
    "The committee reports on supplies, safety and transport by June.",
)


def prose(start: int = 0, count: int = 4) -> str:
    """Return ``count`` sentences of ours from ``start`` on, around in a ring."""
    return " ".join(SENTENCES[(start + step) % len(SENTENCES)] for step in range(count))


class Sheet:
    """A canvas with a cursor: text is set from the top down, wrapped at a width."""

    def __init__(self, path: Path, *, title: str = "", **options: object) -> None:
        self.path = path
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), **options)
        self.canvas.setTitle(title)
        self.y = HEIGHT - 72

    def at(self, x: float, y: float, text: str, size: float = 11, font: str = BODY) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)

    def text(
        self,
        text: str,
        *,
        x: float = 72,
        width: float = 468,
        size: float = 11,
        font: str = BODY,
        gap: float = 8,
    ) -> None:
        for line in simpleSplit(text, font, size, width):
            self.at(x, self.y, line, size, font)
            self.y -= 1.25 * size
        self.y -= gap

    def item(self, marker: str, text: str, *, x: float = 90, indent: float = 18) -> None:
        self.at(x, self.y, marker)
        self.text(text, x=x + indent, width=WIDTH - 72 - x - indent, gap=3)

    def heading(self, text: str, *, size: float = 14) -> None:
        self.text(text, size=size, font=BOLD, gap=6)

    def new_page(self) -> None:
        self.canvas.showPage()
        self.y = HEIGHT - 72

    def save(self) -> Path:
        self.canvas.save()
        return self.path


def running(path: Path, pages: int, draw: Callable[[Sheet, int], None], *, paragraphs: int = 3) -> Path:
    """Write ``pages`` pages of prose with what ``draw`` puts on each."""
    sheet = Sheet(path)
    for page in range(1, pages + 1):
        draw(sheet, page)
        for paragraph in range(paragraphs):
            sheet.text(f"On page {page}, part {paragraph + 1}: {prose(page + paragraph)}")
        sheet.new_page()
    return sheet.save()


def rasterised(source: Path, path: Path, *, dots: int = 300, skew: float = 0.0, noise: float = 0.0) -> Path:
    """Write ``source`` again as pictures of its pages: turned by degrees, with grain (a grey level's deviation)."""
    grain = np.random.default_rng(35)
    pages = []
    with pdfium.PdfDocument(source) as document:
        for page in document:
            picture = page.render(scale=dots / 72, grayscale=True).to_pil().convert("L")
            picture = picture.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=250)
            grey = np.asarray(picture, float) + noise * grain.standard_normal((picture.height, picture.width))
            pages.append(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)))
    pages[0].save(path, "PDF", save_all=True, append_images=pages[1:], resolution=dots, quality=80)
    return path
