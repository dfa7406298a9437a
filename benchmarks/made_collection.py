"""Make a collection of documents of any size from the passages of the training corpus."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from corpora.corpus import read_corpus

WORDS_A_PAGE = 430  # fill a letter page at 10 points
PASSAGES = 16  # a document: a program page or a short policy
DOCUMENTS_OF_ONE_FILE = "documents.csv"


def make_collection(
    folder: Path, documents: int, *, rows: bool = False, first: int = 0, seed: int = 0
) -> None:
    """Write ``documents`` Markdown files into ``folder``, or one CSV with a row for each (``rows``).

    ``first`` is the number of the first one; a document depends on its number and ``seed`` alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = _texts()
    numbered = ((number, made_text(number, texts, seed)) for number in range(first, first + documents))
    if rows:
        with (folder / DOCUMENTS_OF_ONE_FILE).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["title", "year", "text"])
            writer.writerows([f"Unit {n}", str(2015 + n % 10), text] for n, text in numbered)
        return
    for number, text in numbered:
        (folder / f"{number:06d}.md").write_text(f"# Unit {number}\n\n{text}\n", encoding="utf-8")


def make_pdfs(folder: Path, documents: int, *, seed: int = 0) -> None:
    """Write ``documents`` PDFs of running text into ``folder``: the texts that ``make_collection`` writes."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = _texts()
    for number in range(documents):
        write_pdf(folder / f"{number:06d}.pdf", made_text(number, texts, seed).split("\n\n"))


def write_pdf(path: Path, paragraphs: Iterable[str]) -> None:
    """Write a PDF of running text on letter pages."""
    # Not above: a run whose memory is measured begins by importing this module.
    from reportlab.lib.pagesizes import letter
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    body = getSampleStyleSheet()["BodyText"]
    story: list[Paragraph | Spacer] = []
    for text in paragraphs:
        story += [Paragraph(escape(text), body), Spacer(1, 6)]
    SimpleDocTemplate(str(path), pagesize=letter).build(story)


def made_text(number: int, texts: list[list[str]], seed: int) -> str:
    """Return the text of document ``number``: passages of several written documents, each told apart.

    No passage stands in two documents word for word, so that nothing is coded once and used twice.
    """
    rng = random.Random(seed * 1_000_003 + number)  # noqa: S311 - nothing secret
    passages: list[str] = []
    while len(passages) < PASSAGES:
        passages += texts[rng.randrange(len(texts))]
    return "\n\n".join(f"{text} (Item {number}.{i})" for i, text in enumerate(passages[:PASSAGES]))


def _texts() -> list[list[str]]:
    of: dict[str, list[str]] = defaultdict(list)
    for passage in read_corpus():
        of[passage.document or passage.id.rsplit("-", 1)[0]].append(passage.text)
    return list(of.values())
