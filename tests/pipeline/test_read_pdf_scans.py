from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from benchmarks.word_errors import word_error_rate, words_of
from corpora.samples import samples_folder
from pipeline import ocr
from pipeline.assemble import assemble
from pipeline.errors import UnreadableDocumentError
from pipeline.ocr import OcrError, OcrLine, OcrWord, find_engine
from pipeline.readers.pdf import read_pdf
from pipeline.readers.pdf_scans import render
from pipeline.split import split_passages
from tests.pipeline.pdf_fixtures import HEIGHT, WIDTH, Sheet, prose, rasterised

MEMO = samples_folder() / "memo-laboratory-fees.pdf"
POLICY = samples_folder() / "policy-6142-course-access.pdf"
needs_engine = pytest.mark.skipif(find_engine() is None, reason="no Tesseract with English data is installed")


class Said:
    """An engine that reads the same lines from every page, or every list of lines from the next, or fails."""

    name = "Said 1.0"

    def __init__(self, *lines, sureness=0.9):
        self.lines, self.sureness, self.asked = lines, sureness, 0

    def read(self, picture, dots):
        self.asked += 1
        if not self.lines:
            raise OcrError("it ran out of ink")
        unit, found = dots / 72, []
        lines = self.lines if isinstance(self.lines[0], str) else self.lines[self.asked - 1]
        for number, text in enumerate(lines):
            words, x = [], 72 * unit
            for word in text.split():
                end = x + 5.5 * len(word) * unit
                words.append(OcrWord(word, x, end, self.sureness))
                x = end + 3 * unit
            found.append(OcrLine(tuple(words), (100 + 14 * number) * unit, 0.0, 7.7 * unit))
        return found

    def turn(self, picture, dots):
        return 0


@pytest.fixture
def engine(monkeypatch):
    def use(*lines, **options):
        said = Said(*lines, **options)
        monkeypatch.setattr(ocr, "ENGINES", {"said": lambda: said})
        return said

    return use


def picture(grey=200):
    return ImageReader(Image.new("L", (170, 220), grey))


def page_of_print():
    """A light page with dark lines on it, as print looks from afar."""
    page = np.full((1100, 850), 250, np.uint8)
    for top in range(100, 1000, 28):
        page[top : top + 12, 100:750] = np.random.default_rng(top).choice([30, 250], (12, 650), p=[0.4, 0.6])
    return ImageReader(Image.fromarray(page))


def scan(path, pages=1, *, image=None, stamp="", with_text=()):
    sheet = Sheet(path)
    for page in range(1, pages + 1):
        if page in with_text:
            sheet.text(prose(page, 6))
        else:
            sheet.canvas.drawImage(image or picture(), 0, 0, WIDTH, HEIGHT)
            if stamp:
                sheet.text(stamp)
        sheet.new_page()
    return sheet.save()


READ = (
    "Every school keeps a garden, and pupils plan what",
    "grows in it together with the families who live nearby.",
)


def test_scanned_pages_stand_among_the_others_with_their_sureness(tmp_path, engine):
    engine(*READ)
    reading = read_pdf(scan(tmp_path / "a.pdf", 3, with_text=(1, 3)))
    assert [(block.pages, block.sureness) for block in reading.blocks] == [
        ((1,), None),
        ((2,), pytest.approx(0.9)),
        ((3,), None),
    ]
    assert reading.blocks[1].text == " ".join(READ)
    (warning,) = reading.warnings
    assert warning == (
        "Page 2 is a scan: its text was read by text recognition (OCR by Said 1.0, 90% sure), "
        "and the reading may hold mistakes."
    )


def test_sureness_reaches_the_passages_and_stored_text_has_none(tmp_path, engine):
    engine(*READ, sureness=0.75)
    reading = read_pdf(scan(tmp_path / "a.pdf", 2, with_text=(1,)))
    document = assemble(reading.blocks, id="0" * 16, path="a.pdf")
    passages = split_passages(document).passages
    assert [p.sureness for p in passages if p.pages == (1,)] == [None]
    assert [p.sureness for p in passages if p.pages == (2,)] == [pytest.approx(0.75)]


def test_a_sentence_over_two_scanned_pages_is_one_block(tmp_path, engine):
    engine(
        (
            "The council of the school hears what the families",
            "have noticed, and writes it down for the com-",
        ),
        ("mittee, which meets in June and has the last word", "on what is planted."),
    )
    (block,) = read_pdf(scan(tmp_path / "a.pdf", 2)).blocks
    assert block.pages == (1, 2)
    assert "for the committee, which meets" in block.text


def test_stray_words_over_a_picture_of_print_are_replaced_by_what_is_read(tmp_path, engine):
    said = engine(*READ)
    path = scan(tmp_path / "a.pdf", image=page_of_print(), stamp="RECEIVED 4 May")
    assert [block.text for block in read_pdf(path).blocks] == [" ".join(READ)]
    assert said.asked == 1


def test_words_over_a_photograph_or_a_plain_ground_are_the_page(tmp_path, engine):
    said = engine(*READ)
    for number, grey in enumerate((60, 200, 255)):
        path = scan(tmp_path / f"{number}.pdf", image=picture(grey), stamp="Thank you for your questions")
        assert [block.text for block in read_pdf(path).blocks] == ["Thank you for your questions"]
    assert said.asked == 0


def test_prose_over_a_background_is_not_read_again(tmp_path, engine):
    said = engine(*READ)
    read_pdf(scan(tmp_path / "a.pdf", image=page_of_print(), stamp=prose(0, 6)))
    assert said.asked == 0


def test_stray_words_without_an_engine_are_kept_and_the_page_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(ocr, "ENGINES", {})
    reading = read_pdf(scan(tmp_path / "a.pdf", image=page_of_print(), stamp="RECEIVED 4 May"))
    assert [block.text for block in reading.blocks] == ["RECEIVED 4 May"]
    (warning,) = reading.warnings
    assert warning.startswith("Page 1 looks like a scan and stores only a few words as text")
    assert "install Tesseract" in warning


def shifted(text):
    """Shift every letter by one, as a font does whose map of characters is broken."""
    return "".join(chr((ord(c) - 96) % 26 + 97) if c.isalpha() else c for c in text.lower())


def test_a_garbled_page_is_read_from_its_look(tmp_path, engine):
    engine(*READ)
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(shifted(prose(0, 8)))
    reading = read_pdf(sheet.save())
    assert [block.text for block in reading.blocks] == [" ".join(READ)]
    assert not any("garbled" in warning for warning in reading.warnings)


def test_a_page_that_looks_garbled_too_is_still_called_garbled(tmp_path, engine):
    engine(*[shifted(line) for line in (prose(0, 2), prose(2, 2), prose(4, 2))])
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(shifted(prose(0, 8)))
    (warning,) = read_pdf(sheet.save()).warnings
    assert warning.startswith("The text on page 1 is garbled")
    assert warning.endswith("The original file would read better.")


def test_pages_the_engine_fails_on_are_named_with_its_words(tmp_path, engine):
    engine()
    reading = read_pdf(scan(tmp_path / "a.pdf", 3, with_text=(1,)))
    (warning,) = reading.warnings
    assert warning == (
        "Pages 2-3 are pictures and are not read: text recognition (OCR) failed (it ran out of ink)."
    )


@pytest.mark.parametrize("lines", [("7",), ()])
def test_a_scan_that_gives_no_words_is_refused(tmp_path, engine, lines):
    engine(*lines)
    with pytest.raises(
        UnreadableDocumentError, match=r"pictures, and text recognition \(OCR\) (found no|failed)"
    ):
        read_pdf(scan(tmp_path / "a.pdf", 2))


def test_words_read_with_next_to_no_sureness_are_a_picture_of_something_else(tmp_path, engine):
    engine(*READ, sureness=0.3)
    reading = read_pdf(scan(tmp_path / "a.pdf", 2, with_text=(1,)))
    assert reading.warnings == ("Page 2 is a picture in which text recognition (OCR) found no words.",)


@pytest.mark.parametrize("side", [10.0, 612.0, 14_400.0])
@pytest.mark.parametrize("other", [1.0, 792.0, 14_400.0])
def test_a_page_is_rendered_within_bounds_whatever_its_size(side, other):
    document = pdfium.PdfDocument.new()
    document.new_page(side, other).close()
    picture, dots = render(document, 1, 300)
    assert picture.size <= 21_000_000
    assert max(picture.shape) <= 20_001
    assert 0 < dots <= 300
    assert picture.dtype == np.uint8
    document.close()


@needs_engine
def test_the_scanned_sample_is_read():
    reading = read_pdf(MEMO)
    source = (samples_folder().parent / "sample_sources" / "memo-laboratory-fees.md").read_text("utf-8")
    original = words_of([source.split("---\n", 2)[2]])
    assert word_error_rate(original, words_of(block.text for block in reading.blocks[3:])) <= 0.05
    assert reading.blocks[0].kind == "heading"
    assert all(block.sureness > 0.8 for block in reading.blocks)


@needs_engine
@pytest.mark.parametrize(("dots", "skew", "noise"), [(300, 0, 0), (200, 0.7, 12)])
def test_a_raster_of_a_sample_reads_as_the_sample(tmp_path, dots, skew, noise):
    original = read_pdf(POLICY)
    read = read_pdf(rasterised(POLICY, tmp_path / "scan.pdf", dots=dots, skew=skew, noise=noise))
    assert _errors(original, read) <= 0.05
    assert len(_headings(original) & _headings(read)) >= 0.8 * len(_headings(original))


@needs_engine
def test_a_page_that_lies_on_its_side_is_turned(tmp_path):
    sheet = Sheet(tmp_path / "a.pdf")
    for paragraph in range(8):
        sheet.text(prose(paragraph, 6))
    upright = sheet.save()
    turned = pdfium.PdfDocument(rasterised(upright, tmp_path / "b.pdf", dots=200))
    turned[0].set_rotation(90)
    turned.save(tmp_path / "turned.pdf")
    read = read_pdf(rasterised(tmp_path / "turned.pdf", tmp_path / "c.pdf", dots=200))
    assert _errors(read_pdf(upright), read) <= 0.05


@needs_engine
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("McCabe_Union_Elementary_BP3511_1", {"dots": 200}),
        ("Mountain_Union_Elementary_BP3514_1", {"dots": 250, "skew": -0.5, "noise": 8}),
    ],
)
def test_a_raster_of_a_real_policy_reads_as_the_policy(real, tmp_path, name, options):
    path = real / "policies" / f"{name}.pdf"
    read = read_pdf(rasterised(path, tmp_path / "scan.pdf", **options))
    assert _errors(read_pdf(path), read) <= 0.05


def _errors(original, read):
    return word_error_rate(
        words_of(block.text for block in original.blocks), words_of(block.text for block in read.blocks)
    )


def _headings(reading):
    return {block.text for block in reading.blocks if block.kind == "heading"}


def test_where_the_time_is_up_the_pages_read_so_far_are_kept_and_the_others_named(
    engine, tmp_path, monkeypatch
):
    said = engine(*READ)
    left = [True, True, False]
    monkeypatch.setattr("pipeline.readers.pdf_scans.more_time", lambda seconds: left.pop(0))
    reading = read_pdf(scan(tmp_path / "a.pdf", 4))
    assert said.asked == 2
    assert reading.blocks[-1].pages == (2,)
    (note,) = (w for w in reading.warnings if "took as long as one file may take" in w)
    assert note.startswith("Pages 3-4 are scans and are not read")
