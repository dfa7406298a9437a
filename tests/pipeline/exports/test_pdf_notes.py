from __future__ import annotations

import ctypes

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject
from reportlab.lib.pdfencrypt import StandardEncryption

from corpora.samples import samples_folder
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.align import Haystack, covered, letters
from pipeline.exports.pdf_notes import annotate_pdf
from pipeline.exports.pdf_places import Place, find_places
from tests.pipeline.exports.documents import code, passages_of
from tests.pipeline.pdf_fixtures import SENTENCES, WIDTH, Sheet, prose, running

SAMPLES = [p for p in sorted(samples_folder().glob("*.pdf")) if "memo" not in p.name]


def text_value(annotation, key):
    size = pdfium_c.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium_c.FPDFAnnot_GetStringValue(
        annotation, key, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size
    )
    return buffer.raw[: size - 2].decode("utf-16-le")


def highlights(path):
    """Read with pdfium what it finds: page, passage id, note, and the words inside the boxes, line by line."""
    document = pdfium.PdfDocument(path)
    found = []
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        for index in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw)):
            annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
            if pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_HIGHLIGHT:
                lines, quad = [], pdfium_c.FS_QUADPOINTSF()
                for i in range(pdfium_c.FPDFAnnot_CountAttachmentPoints(annotation)):
                    assert pdfium_c.FPDFAnnot_GetAttachmentPoints(annotation, i, quad)
                    lines.append(text.get_text_bounded(quad.x1, quad.y3, quad.x2, quad.y1))
                found.append(
                    (number + 1, text_value(annotation, b"NM"), text_value(annotation, b"Contents"), lines)
                )
            pdfium_c.FPDFPage_CloseAnnot(annotation)
    document.close()
    return found


def check(path, out, codebook, *, least=0.99):
    """Every passage's letters stand inside its own boxes, and hardly any others do."""
    passages = passages_of(path)
    assert passages
    places = find_places(path, passages)
    written = annotate_pdf(path, out, codebook, code(passages, codebook), places)
    assert (written.highlighted, written.noted) == (len(passages), 0)
    assert out.read_bytes().startswith(path.read_bytes()), "the original is added to and not changed"
    inside = {}
    for page, name, _, lines in highlights(out):
        id_, _, number = name.partition(" p")
        assert int(number) == page
        inside[id_] = inside.get(id_, "") + letters(" ".join(lines)).folded
    for passage in passages:
        own = letters(passage.text).folded
        got = inside[passage.id]
        assert covered(Haystack(got).align(own), own) >= least, passage.text
        assert len(got) <= 1.1 * len(own) + 10, (passage.text, got)
    return passages


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_words_of_the_samples_stand_inside_their_highlights(path, tmp_path, codebook):
    check(path, tmp_path / "out.pdf", codebook)


def test_words_of_real_policies_stand_inside_their_highlights(real, tmp_path, codebook):
    for path in sorted((real / "policies").glob("*BP35*.pdf")):
        check(path, tmp_path / path.name, codebook)


def test_columns_hyphens_and_running_heads(tmp_path, codebook):
    sheet = Sheet(tmp_path / "a.pdf")
    for page in range(1, 4):
        sheet.at(72, 760, "The council meets each month")  # a head that repeats words of the text
        for column, x in enumerate((72.0, 330.0)):
            sheet.y = 700
            for part in range(3):
                sheet.text(
                    f"On page {page}, column {column + 1}, part {part + 1}. {prose(part, 5)}", x=x, width=200
                )
        sheet.new_page()
    check(sheet.save(), tmp_path / "out.pdf", codebook)


def test_a_sentence_that_stands_twice_is_marked_twice(tmp_path, codebook):
    same = prose(0, 4)
    sheet = Sheet(tmp_path / "a.pdf")
    for heading in ("One", "Two"):
        sheet.heading(heading, size=18)
        sheet.text(same)
    path = sheet.save()
    first, second = passages_of(path)
    places = find_places(path, [first, second])
    assert first.text == second.text == same
    assert places[first.id].lines[-1].y0 > places[second.id].lines[0].y1, "the second below the first"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_pages_that_are_turned_or_cropped(tmp_path, codebook, turn):
    path = running(tmp_path / "a.pdf", 2, lambda sheet, page: None)
    writer = PdfWriter(clone_from=path)
    for page in writer.pages:
        page.rotate(turn)
        page.cropbox.lower_left = (30, 40)
    writer.write(tmp_path / "turned.pdf")
    check(tmp_path / "turned.pdf", tmp_path / "out.pdf", codebook)


def test_a_passage_over_two_pages_is_marked_on_both(tmp_path, codebook):
    sheet = Sheet(tmp_path / "a.pdf")
    lines = " ".join(prose(0, 8) for _ in range(1)).split(". ")
    sheet.y = 110
    sheet.text(". ".join(lines[:3]) + " and", gap=0)
    sheet.new_page()
    sheet.text("so on, " + ". ".join(lines[3:]))
    passages = check(sheet.save(), tmp_path / "out.pdf", codebook)
    assert any(p.pages == (1, 2) for p in passages)
    both = [h for h in highlights(tmp_path / "out.pdf") if h[1].startswith(passages[0].id)]
    assert [page for page, *_ in both] == [1, 2]
    assert both[1][2].startswith("(continued)")


def test_the_note_names_frame_and_passage_and_the_file_says_who(tmp_path, codebook):
    path = running(tmp_path / "a.pdf", 1, lambda sheet, page: None)
    passages = check(path, tmp_path / "out.pdf", codebook)
    note = highlights(tmp_path / "out.pdf")[0][2]
    assert note == f"{codebook.frames[0].name} (100%)\nPassage {passages[0].id}"
    annotation = PdfReader(tmp_path / "out.pdf").pages[0]["/Annots"][0].get_object()
    assert (annotation["/T"], annotation["/Subj"]) == ("equity-frames", codebook.frames[0].name)


def test_the_same_file_gives_the_same_bytes(tmp_path, codebook):
    path = running(tmp_path / "a.pdf", 1, lambda sheet, page: None)
    for name in ("one.pdf", "two.pdf"):
        check(path, tmp_path / name, codebook)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_passage_that_is_not_found_is_noted_on_its_page(tmp_path, codebook):
    path = running(tmp_path / "a.pdf", 1, lambda sheet, page: None)
    coded = code(passages_of(path), codebook)
    written = annotate_pdf(path, tmp_path / "out.pdf", codebook, coded, {coded[0][0].id: Place((), 0.2)})
    assert (written.highlighted, written.noted) == (0, len(coded))
    kinds = [a.get_object()["/Subtype"] for a in PdfReader(tmp_path / "out.pdf").pages[0]["/Annots"]]
    assert kinds == ["/Text"] * len(coded)


def test_words_that_are_not_there_have_no_place(tmp_path):
    path = running(tmp_path / "a.pdf", 1, lambda sheet, page: None)
    passage = passages_of(path)[0]
    other = type(passage)(
        "x", "d", 0, 0, 9, "Zebras graze quietly beside vast purple xylophone orchards.", (), (1,), 8
    )
    assert find_places(path, [other])["x"].lines == ()
    far = type(passage)("y", "d", 0, 0, 9, SENTENCES[0], (), (9,), 8)
    assert find_places(path, [far])["y"].lines == (), "a page the file does not have"


def test_a_protected_pdf_is_left_alone(tmp_path, codebook):
    sheet = Sheet(tmp_path / "a.pdf", encrypt=StandardEncryption("", "owner", canModify=0))
    sheet.text(prose(0, 6), width=WIDTH - 144)
    path = sheet.save()
    passages = passages_of(path)
    with pytest.raises(UnreadableDocumentError, match="comments may not be added"):
        annotate_pdf(
            path, tmp_path / "out.pdf", codebook, code(passages, codebook), find_places(path, passages)
        )
    assert not (tmp_path / "out.pdf").exists()


def test_a_file_cut_off_is_said(tmp_path):
    whole = running(tmp_path / "a.pdf", 3, lambda sheet, page: None).read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(whole[: int(len(whole) * 0.9)])
    with pytest.raises(UnreadableDocumentError, match="damaged or locked"):
        find_places(path, passages_of(path))


def test_links_and_notes_that_are_there_stay(tmp_path, codebook):
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0, 5))
    sheet.canvas.linkURL("https://example.org", (72, 700, 200, 720))
    path = sheet.save()
    once, twice = tmp_path / "once.pdf", tmp_path / "twice.pdf"
    coded = code(check(path, once, codebook), codebook)
    annotate_pdf(once, twice, codebook, coded, find_places(once, [p for p, _ in coded]))
    kinds = [a.get_object()["/Subtype"] for a in PdfReader(twice).pages[0]["/Annots"]]
    assert kinds == ["/Link", "/Highlight", "/Highlight"]


def test_a_list_of_annotations_kept_apart_is_added_to(tmp_path, codebook):
    """Word and Acrobat keep a page's annotations in an object of their own."""
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.text(prose(0, 5))
    sheet.canvas.linkURL("https://example.org", (72, 700, 200, 720))
    writer = PdfWriter(clone_from=sheet.save())
    page = writer.pages[0]
    page[NameObject("/Annots")] = writer._add_object(page["/Annots"])
    writer.write(tmp_path / "apart.pdf")
    check(tmp_path / "apart.pdf", tmp_path / "out.pdf", codebook)
    kinds = [a.get_object()["/Subtype"] for a in PdfReader(tmp_path / "out.pdf").pages[0]["/Annots"]]
    assert kinds == ["/Link", "/Highlight"]
