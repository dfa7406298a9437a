"""The sample documents open in their own formats, say that they are invented, and are what they claim."""

import csv
import re
from pathlib import Path

import docx
import pptx
import pypdfium2
import pytest

from corpora.build_samples import BUILDERS, INVENTED, SOURCES, build_all, read_source
from corpora.samples import samples_folder

FOLDER = samples_folder()
SCAN = "memo-laboratory-fees.pdf"
MANIFEST = "manifest.csv"


def manifest() -> list[dict[str, str]]:
    with (FOLDER / MANIFEST).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DOCUMENTS = sorted(row["path"] for row in manifest())


def pdf_pages(path: Path) -> list[str]:
    """Text a page, as one line."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def docx_text(path: Path) -> list[str]:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


def pptx_slides(path: Path) -> list[str]:
    """Text a slide: its shapes and then its notes."""
    texts = []
    for slide in pptx.Presentation(str(path)).slides:
        shapes = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        notes = [slide.notes_slide.notes_text_frame.text] if slide.has_notes_slide else []
        texts.append("\n".join([*shapes, *notes]))
    return texts


def first_page(path: Path) -> str:
    """Return what a reader sees first: a page, a slide, or the first 1,500 characters of text."""
    if path.suffix == ".pdf":
        return pdf_pages(path)[0]
    if path.suffix == ".docx":
        return "\n".join(docx_text(path)[:3])
    if path.suffix == ".pptx":
        return pptx_slides(path)[0]
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    return text.strip()[:1500]


def words(path: Path) -> int:
    whole = {
        ".pdf": lambda: " ".join(pdf_pages(path)),
        ".docx": lambda: " ".join(docx_text(path)),
        ".pptx": lambda: " ".join(pptx_slides(path)),
    }.get(path.suffix, lambda: re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", path.read_text(), flags=re.S))
    return len(whole().split())


# ── what is there ───────────────────────────────────────────────────────────────────────────────


def test_the_manifest_names_every_document_and_nothing_else():
    assert sorted(path.name for path in FOLDER.iterdir() if path.name != MANIFEST) == DOCUMENTS
    assert len(DOCUMENTS) >= 9
    assert {row["kind"] for row in manifest()} == {"curriculum", "policy", "program", "other"}
    assert all(
        row["title"] and row["school"] and row["year"] for row in manifest() if ".csv" not in row["path"]
    )


def test_every_format_a_user_would_try_first_is_there():
    assert {Path(name).suffix for name in DOCUMENTS} == {".pdf", ".docx", ".pptx", ".html", ".md", ".csv"}


@pytest.mark.parametrize("name", [n for n in DOCUMENTS if n != SCAN])
def test_a_reader_sees_at_once_that_a_document_is_invented(name):
    assert INVENTED.rstrip(".") in first_page(FOLDER / name)


@pytest.mark.parametrize("name", [n for n in DOCUMENTS if n != SCAN])
def test_a_document_has_the_length_of_a_real_one(name):
    assert 700 <= words(FOLDER / name) <= 2200


# ── what the kinds claim ────────────────────────────────────────────────────────────────────────


def test_the_scan_is_images_only():
    assert pdf_pages(FOLDER / SCAN) == ["", ""]
    document = pypdfium2.PdfDocument(FOLDER / SCAN)
    for page in document:
        assert [type(item).__name__ for item in page.get_objects()] == ["PdfImage"]
    shown = document[0].render(scale=1, grayscale=True).to_numpy()
    assert 0.02 < (shown < 128).mean() < 0.3  # ink is there
    document.close()


@pytest.mark.parametrize("name", ["policy-6142-course-access", "plan-closing-the-distance"])
def test_pdf_pages_carry_running_head_foot_and_page_number(name):
    source = read_source(SOURCES / f"{name}.md")
    pages = pdf_pages(FOLDER / f"{name}.pdf")
    for number, page in enumerate(pages, 1):
        assert source.head in page
        assert source.foot in page
        assert f"Page {number} of {len(pages)}" in page


def test_the_plan_is_long_and_has_tables():
    assert len(pdf_pages(FOLDER / "plan-closing-the-distance.pdf")) >= 6
    source = read_source(SOURCES / "plan-closing-the-distance.md")
    assert sum(block.kind == "table" for block in source.blocks) >= 4


def test_the_deck_has_notes_on_every_slide_but_the_first():
    slides = list(pptx.Presentation(str(FOLDER / "deck-course-placement.pptx")).slides)
    assert len(slides) >= 10
    assert all(slide.notes_slide.notes_text_frame.text for slide in slides[1:])


def test_the_web_page_has_what_a_reader_must_leave_out():
    page = (FOLDER / "program-foothill-stem-saturdays.html").read_text(encoding="utf-8")
    assert all(part in page for part in ("<nav", "<aside", "<footer", 'class="cookie-banner"', "<script"))


def test_the_table_has_twelve_programs_with_metadata_and_a_notice_each():
    with (FOLDER / "programs-2022-2025.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert len({row["program_id"] for row in rows}) == 12
    assert {row["notice"] for row in rows} == {INVENTED.rstrip(".")}
    assert all(row["school"] and row["kind"] == "program" for row in rows)
    assert {row["year"] for row in rows} == {"2022", "2023", "2024", "2025"}
    assert all(70 <= len(row["description"].split()) <= 130 for row in rows)


def test_the_page_on_the_samples_speaks_of_each():
    page = (FOLDER.parent / "SAMPLES.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([^`]+)`", page, flags=re.M)) == DOCUMENTS


# ── building ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build_all(folder)
    return folder


def test_the_same_sources_give_the_same_bytes(built, tmp_path):
    again = build_all(tmp_path)
    assert {path.stem for path in again} == set(BUILDERS)
    for path in again:
        assert path.read_bytes() == (built / path.name).read_bytes(), path.name


def test_committed_samples_say_what_their_sources_say(built):
    """Words and not bytes: another version of a library may write the same page differently."""
    readers = {".pdf": pdf_pages, ".docx": docx_text, ".pptx": pptx_slides}
    for name, (_, suffix) in BUILDERS.items():
        fresh, committed = (readers[suffix](f / f"{name}{suffix}") for f in (built, FOLDER))
        assert fresh == committed, f"{name}: run python -m corpora.build_samples"


@pytest.mark.parametrize("name", [n for n in BUILDERS if n != Path(SCAN).stem])
def test_every_block_of_a_source_arrives_in_its_document(name):
    suffix = BUILDERS[name][1]
    reader = {".pdf": pdf_pages, ".docx": docx_text, ".pptx": pptx_slides}[suffix]
    arrived = "".join("".join(reader(FOLDER / f"{name}{suffix}")).split())
    for block in read_source(SOURCES / f"{name}.md").blocks:
        for text in (block.text, *(cell for row in block.rows for cell in row)):
            # A block may run over a page end, where head and foot come between its two parts.
            halves = (text, "") if "".join(text.split()) in arrived else (text[:40], text[-25:])
            assert all("".join(half.split()) in arrived for half in halves), text
