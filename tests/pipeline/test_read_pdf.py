from __future__ import annotations

from pathlib import Path

import pytest
import reportlab
from reportlab.lib import colors
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Table, TableStyle

from pipeline.quality import is_garbled
from pipeline.readers.pdf import read_pdf
from pipeline.readers.pdf_text import BREAK_HYPHEN, Vocabulary, clean_character
from pipeline.records import FoundBlock, Reading
from tests.pipeline.pdf_fixtures import BOLD, HEIGHT, Sheet, prose


def kinds(reading: Reading) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in reading.blocks]


def texts(reading: Reading) -> list[str]:
    return [block.text for block in reading.blocks]


def test_lines_become_paragraphs_and_gaps_part_them(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    written = [prose(0, 4), prose(2, 5), prose(5, 3)]
    for paragraph in written:
        sheet.text(paragraph)
    assert read_pdf(sheet.save()).blocks == tuple(FoundBlock(text, pages=(1,)) for text in written)


def test_a_short_last_line_ends_a_paragraph_without_a_gap(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0, 3), gap=0)
    sheet.text(prose(3, 4), gap=0)
    assert texts(read_pdf(sheet.save())) == [prose(0, 3), prose(3, 4)]


@pytest.mark.parametrize(
    ("broken", "rest", "whole"),
    [
        ("The schools teach with envi-", "ronmental questions from the place they are in", "environmental"),
        (
            "Their work follows a school-",
            "based plan, based on what a school has already seen",
            "school-based",
        ),
        ("They ask for long-", "term support, and long-term plans are made", "long-term"),
        ("Reports of the years 2025-", "26 are kept", "2025-26"),
        ("They chose a self-", "directed path", "self-directed"),
    ],
)
def test_a_word_parted_at_a_line_end_is_made_whole(tmp_path, broken, rest, whole):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.at(72, 700, broken)
    sheet.at(72, 686, rest)
    sheet.at(
        72,
        640,
        "A further paragraph that is a good deal wider than the two lines above it are, so that all is well.",
    )
    first = texts(read_pdf(sheet.save()))[0]
    assert first == f"{broken.rsplit(' ', 1)[0]} {whole} {rest.split(' ', 1)[1]}"


def test_a_dash_within_a_line_stays():
    words = Vocabulary(["well-being and co-op work"])
    assert words.join("a well-", "being") == "a well-being"
    assert words.join("and -", "so on") == "and - so on"
    assert words.join(f"educa{BREAK_HYPHEN}", "tion") == "education"
    assert words.join("and/", "or") == "and/or"


def test_ligatures_are_taken_apart(tmp_path):
    fonts = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("Vera", str(fonts / "Vera.ttf")))
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.at(72, 700, "The of\ufb01ce \ufb01rst re\ufb02ects on its \ufb01ndings.", font="Vera")
    assert texts(read_pdf(sheet.save())) == ["The office first reflects on its findings."]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0xFB03, "ffi"),
        (0xAD, ""),
        (0xF0B7, "•"),
        (0xA0, " "),
        (0xE000, "\ufffd"),
        (0x41, "A"),
        (0xE9, "é"),
        (0x1F331, "🌱"),
    ],
)
def test_characters_are_cleaned(code, text):
    assert clean_character(code) == text


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        (prose(0, 8), False),
        (
            "".join(chr(ord(letter) + 1) if letter.isalpha() else letter for letter in prose(0, 8).lower()),
            True,
        ),
        (
            "7KH RYHUQLQJ ERDUG EHOLHYHV WKDW WKH FRQVHUYDWLRQ RI ZDWHU HQHUJB DQG RWKHU QDWXUDO " * 4,
            True,
        ),
        ("\ufffd" * 8 + " some words that can be read", True),
        ("Grades K-12, NGSS MS-ESS3-3", False),
    ],
)
def test_garbled_text_is_told_from_text(text, garbled):
    assert is_garbled(text) is garbled


def test_headings_by_size_weight_and_number(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.heading("The Garden Year", size=22)
    sheet.text(prose(0))
    sheet.heading("Purpose and Scope", size=15)
    sheet.text(prose(1))
    sheet.heading("Who takes part", size=11)
    sheet.text(prose(2))
    sheet.heading("2.1 Roles of the Council", size=15)
    sheet.text(prose(3))
    found = [entry for entry in kinds(read_pdf(sheet.save())) if entry[0] == "heading"]
    assert found == [
        ("heading", 1, "The Garden Year"),
        ("heading", 2, "Purpose and Scope"),
        ("heading", 3, "Who takes part"),
        ("heading", 3, "2.1 Roles of the Council"),
    ]


def test_bold_words_sentences_and_dates_are_no_headings(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text("Families are asked before any photograph is taken, and may say no.", font=BOLD)
    sheet.text(prose(1))
    sheet.text("Adopted: 03/12/2021", font=BOLD)
    sheet.text("(see also the safety plan)", font=BOLD)
    sheet.text(prose(2))
    assert {block.kind for block in read_pdf(sheet.save()).blocks} == {"paragraph"}


def test_reference_lists_stand_under_their_heading_line_by_line(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.heading("Gardens in Schools", size=16)
    sheet.text(prose(0, 6))
    sheet.text("Legal Reference:", gap=0)
    sheet.text("CODE OF THE COUNTY", gap=0)
    for line in (
        "101-119 Gardens of the county",
        "204 Water from wells",
        "377 Sheds, fences and all that goes with them",
        "412 Tools",
    ):
        sheet.text(line, x=90, gap=0)
    sheet.text("Management Resources:", gap=0)
    sheet.text("A guide to sheds, 2020", gap=0)
    found = kinds(read_pdf(sheet.save()))
    assert [entry[2] for entry in found if entry[0] == "heading"] == [
        "Gardens in Schools", "Legal Reference:", "CODE OF THE COUNTY", "Management Resources:",
    ]  # fmt: skip
    levels = {text: level for kind, level, text in found if kind == "heading"}
    assert levels["Legal Reference:"] == levels["Management Resources:"] < levels["CODE OF THE COUNTY"]
    assert ("paragraph", 0, "204 Water from wells") in found


def test_list_items_keep_numbers_depth_and_their_own_lines(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text("The plan names the following:")
    sheet.item("1.", prose(0, 3))
    sheet.item("2.", "Water, including")
    sheet.item("(a)", prose(4, 2), x=126, indent=22)
    sheet.item("(b)", "rain barrels and their care", x=126, indent=22)
    sheet.item("3.", "Shade")
    sheet.item("•", prose(6, 2), x=90)
    sheet.text("The plan is kept in the office, and a copy goes to each school in the county by May.")
    assert kinds(read_pdf(sheet.save())) == [
        ("paragraph", 0, "The plan names the following:"),
        ("list_item", 1, f"1. {prose(0, 3)}"),
        ("list_item", 1, "2. Water, including"),
        ("list_item", 2, f"(a) {prose(4, 2)}"),
        ("list_item", 2, "(b) rain barrels and their care"),
        ("list_item", 1, "3. Shade"),
        ("list_item", 1, prose(6, 2)),
        (
            "paragraph",
            0,
            "The plan is kept in the office, and a copy goes to each school in the county by May.",
        ),
    ]


def test_a_number_at_a_line_start_within_a_sentence_is_no_item(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    lines = [
        "The council follows what is written about wells and barrels and rain in Section",
        "2. It adds a note for the schools that lie on a hill and have no water of their own,",
        "and sends it to them before the spring.",
    ]
    for number, line in enumerate(lines):
        sheet.at(72, 700 - 14 * number, line)
    assert texts(read_pdf(sheet.save())) == [" ".join(lines)]


def test_columns_are_read_one_after_the_other(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.heading("News of the Gardens", size=20)
    top = sheet.y
    for column, x in enumerate((72.0, 320.0)):
        sheet.y = top - 3 * column  # the columns' baselines need not agree
        for paragraph in range(3):
            sheet.text(
                f"Column {column + 1}, part {paragraph + 1}. {prose(paragraph + 3 * column)}", x=x, width=220
            )
    found = texts(read_pdf(sheet.save()))
    assert [text[:16] for text in found[1:]] == [f"Column {c}, part {p}" for c in (1, 2) for p in (1, 2, 3)]
    assert found[1] == f"Column 1, part 1. {prose(0)}"


def test_a_sentence_goes_on_in_the_next_column(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    words = prose(0, 8).split()
    top = sheet.y
    sheet.text(" ".join(words[:60]), width=210)
    sheet.y = top
    sheet.text(" ".join(words[60:]), x=320, width=210)
    assert texts(read_pdf(sheet.save())) == [prose(0, 8)]


@pytest.mark.parametrize("ruled", [True, False])
def test_table_rows_are_read_row_by_row(tmp_path, ruled):
    rows = [
        ["Week", "Topic", "Place"],
        ["1", "Soil", "Garden"],
        ["2", "Water and who has it", "Stream"],
        ["3", "Air", "Roof"],
    ]
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0))
    table = Table(rows, colWidths=[80, 200, 120])
    if ruled:
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    _, height = table.wrapOn(sheet.canvas, 468, 600)
    table.drawOn(sheet.canvas, 72, sheet.y - height)
    sheet.y -= height + 24
    sheet.text(prose(4))
    found = kinds(read_pdf(sheet.save()))
    assert found == [
        ("paragraph", 0, prose(0)),
        *(("table_row", 0, " | ".join(row)) for row in rows),
        ("paragraph", 0, prose(4)),
    ]


def test_wrapped_cells_of_a_ruled_table_stay_in_their_row(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    rows = [
        ["Day", "What students\ndo together", "Who is heard"],
        ["One", "They ask what the\nneighborhood needs", "Elders and\nfamilies"],
    ]
    table = Table(
        rows,
        colWidths=[80, 150, 120],
        style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    _, height = table.wrapOn(sheet.canvas, 468, 600)
    table.drawOn(sheet.canvas, 72, sheet.y - height)
    assert texts(read_pdf(sheet.save())) == [
        "Day | What students do together | Who is heard",
        "One | They ask what the neighborhood needs | Elders and families",
    ]


def test_a_table_stands_in_its_own_column(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    top = sheet.y
    sheet.text(prose(0, 6), width=220)
    table = Table([["Day", "Place"], ["One", "Garden"]], colWidths=[60, 80])
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    _, height = table.wrapOn(sheet.canvas, 220, 600)
    table.drawOn(sheet.canvas, 72, sheet.y - height)
    sheet.y -= height + 24
    sheet.text(prose(3, 6), width=220)
    sheet.y = top
    sheet.text(prose(5, 8), x=320, width=220)
    sheet.text(prose(1, 8), x=320, width=220)
    assert texts(read_pdf(sheet.save())) == [
        prose(0, 6),
        "Day | Place",
        "One | Garden",
        prose(3, 6),
        prose(5, 8),
        prose(1, 8),
    ]


def test_cells_that_wrap_without_ruled_lines_stay_in_their_row(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    for day, what, where in (
        ("One", prose(0, 1), "Garden"),
        ("Two", prose(1, 1), "Stream"),
        ("Three", prose(2, 1), "Roof"),
    ):
        top = sheet.y
        sheet.at(72, top, day)
        sheet.at(420, top, where)
        sheet.text(what, x=140, width=240)
    assert texts(read_pdf(sheet.save())) == [
        f"One | {prose(0, 1)} | Garden",
        f"Two | {prose(1, 1)} | Stream",
        f"Three | {prose(2, 1)} | Roof",
    ]


def test_a_sentence_goes_on_over_the_page_and_has_both_pages(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    words = prose(0, 8).split()
    sheet.text(prose(3))
    sheet.text(" ".join(words[:40]))
    sheet.at(72, 60, "1 A note at the foot of the page, in small type.", size=8)
    sheet.new_page()
    sheet.text(" ".join(words[40:]))
    sheet.text(prose(1))
    blocks = read_pdf(sheet.save()).blocks
    assert [(block.text, block.pages) for block in blocks] == [
        (prose(3), (1,)),
        (prose(0, 8), (1, 2)),
        ("1 A note at the foot of the page, in small type.", (1,)),
        (prose(1), (2,)),
    ]


def test_a_finished_paragraph_does_not_swallow_the_next_page(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0))
    sheet.new_page()
    sheet.text(prose(4))
    assert [block.pages for block in read_pdf(sheet.save()).blocks] == [(1,), (2,)]


def test_text_off_the_page_is_left_out(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0))
    sheet.at(700, 400, "Hidden beyond the edge")
    sheet.at(72, HEIGHT + 40, "Hidden above the edge")
    assert texts(read_pdf(sheet.save())) == [prose(0)]


def test_a_page_turned_on_its_side_reads_like_one_upright(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    canvas = sheet.canvas
    canvas.setPageRotation(90)
    canvas.translate(612, 0)
    canvas.rotate(90)
    sheet.y = 500
    sheet.text(prose(0, 5), width=468)
    sheet.text(prose(5, 3), width=468)
    assert texts(read_pdf(sheet.save())) == [prose(0, 5), prose(5, 3)]


@pytest.mark.parametrize(
    ("info", "title"),
    [
        ("The Garden Year", "The Garden Year"),
        ("Microsoft Word - garden year.doc", "Our Garden Year"),
        ("garden_year_final_v2", "Our Garden Year"),
        ("garden year.pdf", "Our Garden Year"),
        ("Board Portal® Pro", "Our Garden Year"),  # the program's, not the text's
        ("", "Our Garden Year"),
    ],
)
def test_the_title_is_the_files_own_where_it_makes_sense(tmp_path, info, title):
    sheet = Sheet(tmp_path / "a.pdf", title=info)
    sheet.heading("Our Garden Year", size=20)
    sheet.text("The board set this down. " + prose(0, 6))
    assert read_pdf(sheet.save()).title == title


def test_without_headings_there_is_no_title(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0))
    assert read_pdf(sheet.save()).title is None
