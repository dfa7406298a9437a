from __future__ import annotations

import pypdfium2 as pdfium
import pytest

from pipeline.readers.pdf import read_pdf
from pipeline.readers.pdf_chars import read_page
from pipeline.readers.pdf_furniture import fold, remove_furniture
from tests.pipeline.pdf_fixtures import BOLD, HEIGHT, WIDTH, Sheet, prose, running


def everything(path) -> str:
    return "\n".join(block.text for block in read_pdf(path).blocks)


def centered(sheet: Sheet, y: float, text: str, size: float = 9) -> None:
    sheet.canvas.setFont("Helvetica", size)
    sheet.canvas.drawCentredString(WIDTH / 2, y, text)


HEADS = {
    "head, the same on each page": lambda sheet, page: sheet.at(72, 760, "Willow County School Board", 9),
    "foot with a page number": lambda sheet, page: sheet.at(
        72, 30, f"Willow County School Board   {page}", 9
    ),
    "lone number": lambda sheet, page: centered(sheet, 30, str(page)),
    "dashed number": lambda sheet, page: centered(sheet, 30, f"- {page} -"),
    "roman number": lambda sheet, page: centered(sheet, 30, "i" * page),
    "number after a front part": lambda sheet, page: centered(sheet, 30, str(page + 11)),
    "Page 2 of 3": lambda sheet, page: centered(sheet, 30, f"Page {page} of 3"),
    "2 | Page": lambda sheet, page: sheet.at(500, 30, f"{page} | Page", 9),
    "policy and page": lambda sheet, page: centered(
        sheet, 30, f"Policy 3514: Willows and Water | page {page} of 3"
    ),
    "manual and owner": lambda sheet, page: sheet.at(
        300, 760, "Board Policy Manual \u2013 Willow Unified School District", 11, BOLD
    ),
    "print stamp": lambda sheet, page: (
        sheet.at(24, 770, "12/26/24, 4:55 PM", 8),
        sheet.at(300, 770, "Board Portal", 8),
        sheet.at(24, 17, "https://example.org/policies/view?id=12#", 8),
        sheet.at(560, 17, f"{page}/3", 8),
    ),
    "section letters": lambda sheet, page: sheet.at(440, 740, f"BP 3514.1 ({'abc'[page - 1]})"),
    "an inset head": lambda sheet, page: sheet.at(180, HEIGHT - 60, "Willow County School Board", 9),
    "a head that moves": lambda sheet, page: sheet.at(72, 775 - 9 * page, "Willow County School Board", 9),
    "alternating sides": lambda sheet, page: (
        sheet.at(72, 770, "Willows and Water" if page % 2 else "The School Board", 9),
        sheet.at(520, 770, str(page), 9),
    ),
}


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        *((name, pages) for name in HEADS for pages in (2, 3) if name != "alternating sides"),
        ("alternating sides", 6),  # each side must repeat, and on three pages one would not
    ],
)
def test_running_heads_and_feet_go_and_the_body_stays(tmp_path, name, pages):
    plain = running(tmp_path / "plain.pdf", pages, lambda sheet, page: None)
    with_heads = running(tmp_path / "heads.pdf", pages, HEADS[name])
    assert read_pdf(with_heads).blocks == read_pdf(plain).blocks


def test_heads_go_where_a_page_before_them_could_not_be_opened(tmp_path):
    path = running(tmp_path / "a.pdf", 4, HEADS["head, the same on each page"])
    with pdfium.PdfDocument(path) as document:
        pages = [read_page(document[index], index + 1) for index in (1, 2, 3)]
        assert all("Willow County" in " ".join(s.text for s in page.segments) for page in pages)
        assert not any("Willow County" in s.text for page in remove_furniture(pages) for s in page)


def test_a_head_drawn_after_the_body_goes_too(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    for page in range(3):
        sheet.text(f"Part {page}. {prose(page, 6)}")
        sheet.at(72, 760, "Willow County School Board", 9)
        sheet.new_page()
    assert everything(sheet.save()) == "\n".join(f"Part {page}. {prose(page, 6)}" for page in range(3))


def test_a_chapters_name_beside_the_running_head_goes_with_it(tmp_path):
    chapters = ("Water", "Soil", "Air", "Shade")

    def draw(sheet: Sheet, page: int) -> None:
        sheet.at(72, 765, "Willow County Units of Study", 9)
        sheet.at(480, 765, chapters[page - 1], 9)

    found = everything(running(tmp_path / "a.pdf", 4, draw))
    assert "Willow County" not in found
    assert not set(chapters) & set(found.split("\n"))


def test_a_policy_code_with_its_pages_letter_goes_from_a_line_that_stays(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.at(72, sheet.y, "Gardens and Grounds", font=BOLD)
    sheet.at(440, sheet.y, "BP 3514.1(a)")
    sheet.y -= 30
    sheet.text(prose(0, 6))
    assert everything(sheet.save()) == f"Gardens and Grounds\n{prose(0, 6)}"


def test_one_page_alone_loses_its_page_number_and_its_manuals_head(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.heading("Policy 12: Gardens", size=12)
    sheet.text(prose(0, 6))
    centered(sheet, 30, "Policy 12: Gardens | page 1 of 1")
    sheet.canvas.setFont(BOLD, 11)
    sheet.canvas.drawRightString(540, 770, "Board Policy Manual")
    sheet.canvas.drawRightString(540, 757, "Willow Valley School District")
    assert everything(sheet.save()) == f"Policy 12: Gardens\n{prose(0, 6)}"


def test_a_title_that_runs_over_every_page_stays_once(tmp_path):
    path = running(
        tmp_path / "a.pdf",
        3,
        lambda sheet, page: sheet.heading("SCHOOL GARDENS" + (" (continued)" if page > 1 else ""), size=11),
    )
    blocks = read_pdf(path).blocks
    assert [(block.kind, block.text) for block in blocks if "GARDENS" in block.text] == [
        ("heading", "SCHOOL GARDENS")
    ]
    assert blocks[0].text == "SCHOOL GARDENS"


@pytest.mark.parametrize(
    "draw",
    [
        lambda sheet, page: sheet.heading(f"Lesson {page}", size=16),
        lambda sheet, page: sheet.heading(f"Lesson {page}", size=11),
        lambda sheet, page: sheet.text(f"Grade {page + 5} has {page * 31} students in the garden"),
        lambda sheet, page: sheet.text(f"Year {2019 + 3 * page} in the garden"),
        lambda sheet, page: sheet.item(f"{page}.", "Water"),
    ],
    ids=["large heading", "bold heading", "counts", "years", "numbered items"],
)
def test_lines_that_only_look_alike_stay(tmp_path, draw):
    pages = 3
    plain = everything(running(tmp_path / "plain.pdf", pages, lambda sheet, page: None))
    found = everything(running(tmp_path / "found.pdf", pages, draw))
    extra = [line for line in found.split("\n") if line not in plain.split("\n")]
    assert len(extra) == pages


def test_a_sentence_said_twice_stays_twice(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    for page in range(2):
        for part in range(3):
            sheet.text(f"Part {page}{part}. {prose(part, 3)}")
        sheet.text("Families may ask for a meeting at any time.")
        sheet.text(f"Part {page} ends. {prose(2, 3)}")
        sheet.new_page()
    assert everything(sheet.save()).count("Families may ask for a meeting at any time.") == 2


def test_a_year_at_the_foot_of_a_cover_stays(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.heading("Garden Plan", size=24)
    sheet.text("A plan for every school in the valley.")
    centered(sheet, 60, "2024")
    assert "2024" in everything(sheet.save())


def test_a_dotted_table_of_contents_goes(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.heading("Garden Plan", size=20)
    sheet.heading("Table of Contents", size=14)
    for number, entry in enumerate(("Water", "Soil and what lives in it", "Shade", "Tools")):
        sheet.text(f"{entry} {'.' * (60 - len(entry))} {number * 4 + 1}", gap=2)
    sheet.new_page()
    sheet.heading("Water", size=14)
    sheet.text(prose(0))
    assert everything(sheet.save()).split("\n") == ["Garden Plan", "Water", prose(0)]


def test_two_dotted_lines_are_a_form_and_stay(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0, 6))
    sheet.text("Beds in the garden ............ 12")
    sheet.text("Barrels in the garden ............ 3")
    assert everything(sheet.save()).count("....") >= 2


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("BP 3514.1 (a)", "BP 3514.1 (b)", True),
        ("HAZARDS", "HAZARDS (continued)", True),
        ("Page 2 of 10", "Page 3 of 10", True),
        ("Water (a right)", "Water (b right)", False),
        ("Unit One", "Unit Two", False),
    ],
)
def test_folding_keeps_what_stays_the_same(one, other, alike):
    assert (fold(one)[0] == fold(other)[0]) is alike
