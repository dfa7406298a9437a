from __future__ import annotations

import pickle

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader

from pipeline import ocr
from pipeline.errors import UnreadableDocumentError
from pipeline.readers.pdf import read_pdf
from tests.pipeline.pdf_fixtures import HEIGHT, WIDTH, Sheet, prose


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch):
    monkeypatch.setattr(ocr, "ENGINES", {})


def picture() -> ImageReader:
    return ImageReader(Image.new("L", (170, 220), 200))


def scan(path, pages=2, *, with_text=(), numbered=False):
    sheet = Sheet(path)
    for page in range(1, pages + 1):
        if page in with_text:
            sheet.text(prose(page, 6))
        else:
            sheet.canvas.drawImage(picture(), 0, 0, WIDTH, HEIGHT)
        if numbered:
            sheet.at(300, 30, str(page), 9)
        sheet.new_page()
    return sheet.save()


def test_an_empty_file(tmp_path):
    path = tmp_path / "a.pdf"
    path.touch()
    with pytest.raises(
        UnreadableDocumentError, match=r"a\.pdf: The file is empty \(0 bytes\)\. Get the file again"
    ):
        read_pdf(path)


def test_a_file_that_is_no_pdf(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_text("<html>Sign in to see this document</html>", encoding="utf-8")
    with pytest.raises(
        UnreadableDocumentError, match=r"not a PDF, though its name says so\. Check what it is"
    ):
        read_pdf(path)


def test_a_locked_file(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf", encrypt=StandardEncryption("secret", canPrint=0))
    sheet.text(prose(0))
    path = sheet.save()
    with pytest.raises(
        UnreadableDocumentError, match=r"locked with a password\. Open it with the password, save a copy"
    ):
        read_pdf(path)


def test_a_file_locked_only_against_changes_is_read(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf", encrypt=StandardEncryption("", "owner", canModify=0))
    sheet.text(prose(0))
    assert [block.text for block in read_pdf(sheet.save()).blocks] == [prose(0)]


def test_a_file_cut_off_at_its_start_is_refused(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(scan(tmp_path / "whole.pdf").read_bytes()[:400])
    with pytest.raises(UnreadableDocumentError, match=r"damaged|none of its pages") as caught:
        read_pdf(path)
    assert "save a new copy" in caught.value.remedy
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args  # noqa: S301


def test_a_file_cut_off_at_its_end_is_read_with_a_warning(tmp_path):
    sheet = Sheet(tmp_path / "whole.pdf")
    sheet.text(prose(0))
    data = sheet.save().read_bytes()
    path = tmp_path / "a.pdf"
    path.write_bytes(data[: data.rindex(b"xref\n0")])
    reading = read_pdf(path)
    assert [block.text for block in reading.blocks] == [prose(0)]
    assert reading.warnings == (
        "The file's end is missing, so pages at the end may be too; get the file again if you can.",
    )


def test_the_whole_pages_of_a_cut_off_file_are_read(tmp_path):
    whole = Sheet(tmp_path / "whole.pdf", pageCompression=0)
    for page in range(4):
        whole.text(prose(page, 6))
        whole.new_page()
    data = whole.save().read_bytes()
    path = tmp_path / "a.pdf"
    path.write_bytes(data[: data.index(b"endstream", data.index(b"endstream") + 9)])
    reading = read_pdf(path)
    assert reading.blocks[0].text == prose(0, 6)
    assert any("end is missing" in warning for warning in reading.warnings)


@pytest.mark.parametrize("numbered", [False, True])
def test_a_scan_is_refused_with_the_way_out(tmp_path, numbered):
    path = scan(tmp_path / "a.pdf", 4, numbered=numbered)
    with pytest.raises(
        UnreadableDocumentError, match=r"its 4 pages are pictures of text \(a scan\)"
    ) as caught:
        read_pdf(path)
    assert caught.value.remedy == (
        f"To have scans read, {ocr.how_to_install()} and run again; or save it as a searchable PDF"
    )


def test_a_scan_of_one_page_is_named_in_the_singular(tmp_path):
    path = scan(tmp_path / "a.pdf", 1)
    with pytest.raises(UnreadableDocumentError, match="its page is a picture of text"):
        read_pdf(path)


def test_blank_pages_are_not_called_a_scan(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.new_page()
    path = sheet.save()
    with pytest.raises(UnreadableDocumentError, match="holds no text: its page is empty"):
        read_pdf(path)


def test_scanned_pages_among_others_are_named(tmp_path):
    reading = read_pdf(scan(tmp_path / "a.pdf", 7, with_text=(1, 4)))
    assert {page for block in reading.blocks for page in block.pages} == {1, 4}
    (warning,) = reading.warnings
    assert warning.startswith("Pages 2-3, 5-7 hold no text (pictures or scans) and are not read")
    assert "install Tesseract" in warning


def test_a_blank_page_is_no_warning(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0))
    sheet.new_page()
    sheet.canvas.line(72, 740, 540, 740)  # a letterhead's rule is no picture
    sheet.new_page()
    sheet.text(prose(4))
    assert read_pdf(sheet.save()).warnings == ()


def test_garbled_text_is_reported_with_its_page(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0, 8))
    sheet.new_page()
    shifted = str.maketrans(
        {chr(code): chr(code - 29) for code in range(ord("a"), ord("z") + 1)} | {"a": "D", "e": "H"}
    )
    sheet.text(" ".join(word.translate(shifted) for word in prose(0, 8).lower().split()))
    (warning,) = read_pdf(sheet.save()).warnings
    assert warning.startswith("The text on page 2 is garbled")
