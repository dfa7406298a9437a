from __future__ import annotations

import re
import shutil
import subprocess
import zipfile

import pandas as pd
import pytest
from lxml import etree

from pipeline import workbook
from pipeline.exports.safe import CELL_LIMIT, cell_text, printable, shown
from pipeline.workbook import workbook_note, worth_a_look, write_workbook
from tests.pipeline.sheet_edits import rows_of, write_cells

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def book(made, tmp_path):
    return made.write_workbook(tmp_path / "frames.xlsx")


def sheet_xml(path, number):
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))


def test_passages_stand_in_their_own_words_beside_empty_columns(book, made):
    head, *rows = rows_of(book, "passages")
    assert [r[head.index("Quote")] for r in rows] == [p.text for p in made.passages]
    assert [r[head.index("Passage id")] for r in rows] == [p.id for p in made.passages]
    for own in ("Your code", "Your other codes", "Your comment"):
        assert {r[head.index(own)] for r in rows} == {""}


def test_heads_are_frozen_and_every_sheet_filters(book):
    for number in (2, 3, 4):
        xml = sheet_xml(book, number)
        assert xml.find(f".//{MAIN}pane").get("state") == "frozen"
        assert xml.find(f"{MAIN}autoFilter") is not None


def test_more_passages_than_a_person_opens_are_chosen_and_said(made, monkeypatch):
    rows = made.rows()
    worth = [r["passage_id"] for r in rows if r["frames"] or r["needs_review"]]
    monkeypatch.setattr(workbook, "MOST_PASSAGES", len(rows))
    assert list(worth_a_look(rows, len(rows))) == rows
    assert workbook_note(len(rows)) == ()
    rows[0].update(frames="", needs_review=False)
    monkeypatch.setattr(workbook, "MOST_PASSAGES", len(rows) - 1)
    assert [r["passage_id"] for r in worth_a_look(rows, len(rows))] == worth[1:]
    assert "the tables have them all" in workbook_note(len(rows))[0]
    monkeypatch.setattr(workbook, "MOST_PASSAGES", 2)
    assert len(list(worth_a_look(rows, len(rows)))) == 2


def test_rows_are_as_high_as_their_text(book, made):
    heights = [float(r.get("ht", 15)) for r in sheet_xml(book, 2).iter(f"{MAIN}row")][1:]
    assert len(heights) == len(made.passages)
    assert min(heights) >= 30, "each passage has over 70 characters"
    assert max(heights) <= 409


def test_the_drop_down_offers_every_frame_and_none(book, codebook):
    validations = sheet_xml(book, 2).findall(f".//{MAIN}dataValidation")
    assert [v.get("type") for v in validations] == ["list", "list"]
    assert [v.get("errorStyle") for v in validations] == [None, "warning"], "no style means stop"
    place = re.fullmatch(r"codebook!\$([A-Z]+)\$2:\$\1\$(\d+)", validations[0].findtext(f"{MAIN}formula1"))
    column, last = ord(place.group(1)) - ord("A"), int(place.group(2))
    offered = [row[column] for row in rows_of(book, "codebook")[1:last]]
    assert offered == [*(f.name for f in codebook.frames), "none"]


def test_no_cell_is_a_formula_or_a_link(book, made):
    for number in (1, 2, 3, 4):
        xml = sheet_xml(book, number)
        assert xml.findall(f".//{MAIN}f") == []
        assert xml.findall(f".//{MAIN}hyperlink") == []
    texts = [cell for row in rows_of(book, "passages") for cell in row]
    assert any(str(t).startswith("=cmd|") for t in texts)
    assert ["note", "=1+1"] in rows_of(book, "run")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "javascript:alert(1)", "<b>&amp;</b>", "_x0041_"]
)
def test_cells_hold_the_very_text(made, tmp_path, codebook, text):
    rows = made.rows()
    rows[0].update(text=text, document=text, heading_path=text)
    documents = {d.id: d for d in made.documents}
    write_workbook(tmp_path / "b.xlsx", codebook, [], documents, rows, {})
    head, first, *_ = rows_of(tmp_path / "b.xlsx", "passages")
    assert [first[head.index(c)] for c in ("Quote", "Document", "Heading")] == [text] * 3


def test_long_and_broken_texts_fit_and_say_that_they_were_cut(made, tmp_path, codebook):
    rows = made.rows()
    rows[0]["text"] = "🌱" * 20_000  # two of Excel's characters each
    rows[1]["text"] = "a\x00b\x1bc\u202ee\r\nf"
    documents = {d.id: d for d in made.documents}
    write_workbook(tmp_path / "b.xlsx", codebook, [], documents, rows, {})
    head, first, second, *_ = rows_of(tmp_path / "b.xlsx", "passages")
    cell = first[head.index("Quote")]
    assert len(cell.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert cell.startswith("🌱🌱")
    assert cell.endswith("(cut here; the tables have the whole text)")
    assert second[head.index("Quote")].replace("_x000D_", "") == "a\ufffdb\ufffdc\ufffde\nf"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("plain", True),
        ("two\nlines\tand a tab", True),
        ("שלום é 🌱", True),
        ("a\x0bb", False),
        ("\ud800", False),
    ],
)
def test_what_can_be_shown_is_left_as_it_is(text, same):
    assert (cell_text(text) == text, shown(text) == text, printable(text) == text) == (same,) * 3
    assert len(printable(text)) == len(text)


def test_the_same_run_gives_the_same_bytes(book, made, tmp_path):
    again = made.write_workbook(tmp_path / "again.xlsx")
    assert again.read_bytes() == book.read_bytes()


def test_libreoffice_opens_it_and_what_it_saves_is_read_back(book, made, codebook, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    filled = write_cells(book, tmp_path / "filled.xlsx", {(1, "Your code"): codebook.frames[0].name})
    done = subprocess.run(  # noqa: S603 - a program of this machine
        [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "saved"), str(filled)],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    saved = tmp_path / "saved" / "filled.xlsx"
    assert saved.is_file(), done.stderr
    ours, theirs = rows_of(filled, "passages"), rows_of(saved, "passages")
    quote = ours[0].index("Quote")
    assert [r[quote] for r in theirs] == [r[quote] for r in ours]
    assert theirs[1][ours[0].index("Your code")] == codebook.frames[0].name
    assert len(sheet_xml(saved, 2).findall(f".//{MAIN}dataValidation")) >= 2
    assert pd.read_excel(saved, sheet_name="passages", engine="calamine").shape[0] == len(made.passages)
