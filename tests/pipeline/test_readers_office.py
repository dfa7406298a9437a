import zipfile

import docx
import pptx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from pptx.util import Inches

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.docx import read_docx
from pipeline.readers.epub import read_epub
from pipeline.readers.odt import read_odt
from pipeline.readers.pptx import read_pptx
from pipeline.readers.rtf import read_rtf
from tests.faults.whole import members, whole, zipped

PROSE = "Students measure the water and say what it means for those who live by it."


def seen(reading):
    return [(block.kind, block.level, block.text) for block in reading.blocks]


def test_docx(tmp_path):
    path = tmp_path / "x.docx"
    document = docx.Document()
    document.add_heading("The Unit", 0)
    document.add_heading("Goals", 1)
    document.add_paragraph(PROSE)
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Number")
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Goals 3", style="toc 1")
    document.add_paragraph().add_run("Materials").bold = True
    table = document.add_table(rows=2, cols=2)
    for row, texts in zip(table.rows, (("Goal", "Metric"), ("Read", "80%")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.sections[0].header.paragraphs[0].text = "RUNNING HEAD"
    document.save(path)
    reading = read_docx(path)
    assert reading.title == "The Unit"
    assert seen(reading) == [
        ("heading", 1, "The Unit"),
        ("heading", 1, "Goals"),
        ("paragraph", 0, PROSE),
        ("list_item", 1, "first"),
        ("list_item", 1, "second"),
        ("heading", 6, "Materials"),
        ("table_row", 0, "Goal | Metric"),
        ("table_row", 0, "Read | 80%"),
    ]


def test_pptx(tmp_path):
    path = tmp_path / "x.pptx"
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "The Unit"
    first.placeholders[1].text = PROSE
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "Goals"
    frame = second.placeholders[1].text_frame
    frame.text = "Look"
    frame.add_paragraph().text = "Ask why"
    frame.paragraphs[1].level = 1
    table = second.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    for at, text in enumerate(("Day", "Task", "1", "Walk")):
        table.cell(at // 2, at % 2).text = text
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 99, 99).text_frame.text = "In a group"
    second.notes_slide.notes_text_frame.text = "Give them time."
    deck.save(path)
    reading = read_pptx(path)
    assert reading.title == "The Unit"
    assert [(block.pages, block.kind, block.level, block.text) for block in reading.blocks] == [
        ((1,), "heading", 1, "The Unit"),
        ((1,), "paragraph", 0, PROSE),
        ((2,), "heading", 2, "Goals"),
        ((2,), "list_item", 1, "Look"),
        ((2,), "list_item", 2, "Ask why"),
        ((2,), "table_row", 0, "Day: 1 | Task: Walk"),
        ((2,), "paragraph", 0, "In a group"),
        ((2,), "paragraph", 0, "Give them time."),
    ]


ODT = """<?xml version="1.0"?>{doctype}
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">
<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Title"/>
</office:automatic-styles>
<office:body><office:text>{body}</office:text></office:body></office:document-content>"""


def write_odt(path, body, doctype=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", ODT.format(body=body, doctype=doctype))
    return path


def test_odt(tmp_path):
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        "<text:p text:style-name='P1'>The Unit</text:p><text:h text:outline-level='2'>Goals</text:h>"
        "<text:table-of-content><text:p>Goals 3</text:p></text:table-of-content>"
        "<text:p>One<text:s/>two<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>A footnote.</text:p></text:note-body></text:note> three"
        "<office:annotation><text:p>comment</text:p></office:annotation> &amp; four</text:p>"
        "<text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Goal</text:p>"
        "</table:table-cell><table:table-cell><text:p>Year</text:p></table:table-cell></table:table-row>"
        "</table:table-header-rows><table:table-row><table:table-cell><text:p>Read</text:p></table:table-cell>"
        "<table:table-cell><text:p>1</text:p></table:table-cell></table:table-row></table:table>"
    )
    reading = read_odt(write_odt(tmp_path / "x.odt", body))
    assert reading.title == "The Unit"
    assert seen(reading) == [
        ("heading", 1, "The Unit"),
        ("heading", 2, "Goals"),
        ("paragraph", 0, "One two three & four"),
        ("list_item", 1, "a"),
        ("list_item", 2, "b"),
        ("table_row", 0, "Goal: Read | Year: 1"),
        ("paragraph", 0, "A footnote."),
    ]


def test_entities_are_not_unfolded(tmp_path):
    entity = '<!DOCTYPE x [<!ENTITY h SYSTEM "/etc/hostname"><!ENTITY i "inner">]>'
    path = write_odt(tmp_path / "x.odt", "<text:p>Text &h;&i; here</text:p>", entity)
    assert seen(read_odt(path)) == [("paragraph", 0, "Text here")]


def test_an_entity_bomb_is_refused(tmp_path):
    entities = '<!ENTITY a "haha">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 20}">' for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )
    path = write_odt(tmp_path / "x.odt", "<text:p>Text &h; here</text:p>", f"<!DOCTYPE x [{entities}]>")
    with pytest.raises(UnreadableDocumentError, match="not a sound OpenDocument"):
        read_odt(path)


def test_xml_too_deep_is_refused(tmp_path):
    body = "<text:span>" * 5000 + "x" + "</text:span>" * 5000
    with pytest.raises(UnreadableDocumentError, match="not a sound OpenDocument"):
        read_odt(write_odt(tmp_path / "x.odt", body))


def write_epub(path, *, extra=()):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='OEBPS/book.opf'/></rootfiles></container>",
        )
        archive.writestr(
            "OEBPS/book.opf",
            "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
            "<metadata><dc:title>The Book</dc:title></metadata><manifest>"
            "<item id='n' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>"
            "<item id='b' href='b%20two.xhtml' media-type='application/xhtml+xml'/>"
            "<item id='a' href='a.xhtml' media-type='application/xhtml+xml'/>"
            "<item id='i' href='i.png' media-type='image/png'/></manifest>"
            "<spine><itemref idref='n'/><itemref idref='a'/><itemref idref='b'/></spine></package>",
        )
        archive.writestr("OEBPS/nav.xhtml", "<nav><a href='a.xhtml'>Chapter list</a></nav>")
        archive.writestr("OEBPS/b two.xhtml", f"<html><body><h1>Second</h1><p>{PROSE}</p></body></html>")
        archive.writestr("OEBPS/a.xhtml", f"<html><body><h1>First</h1><p>{PROSE}</p></body></html>")
        for name, text in extra:
            archive.writestr(name, text)
    return path


def test_epub_follows_the_spine(tmp_path):
    reading = read_epub(write_epub(tmp_path / "x.epub"))
    assert reading.title == "The Book"
    assert [block.text for block in reading.blocks] == ["First", PROSE, "Second", PROSE]


def test_a_protected_epub_is_refused(tmp_path):
    lock = "<encryption xmlns:e='x'><e:CipherReference URI='OEBPS/a.xhtml'/></encryption>"
    path = write_epub(tmp_path / "x.epub", extra=[("META-INF/encryption.xml", lock)])
    with pytest.raises(UnreadableDocumentError, match="copy-protected"):
        read_epub(path)


def test_rtf(tmp_path):
    path = tmp_path / "x.rtf"
    path.write_bytes(
        rb"{\rtf1\ansi\ansicpg1252 The Unit\par\par "
        + PROSE.encode()
        + rb"\par caf\'e9 and \u8220?quoted\u8221?\par "
        rb"\trowd Goal\cell Year\cell\row \trowd Read\cell 1\cell\row\pard After it.\par}"
    )  # fmt: skip
    reading = read_rtf(path)
    texts = [block.text for block in reading.blocks]
    assert reading.title == "The Unit"
    assert texts == ["The Unit", PROSE, "café and “quoted”", "Goal | Year", "Read | 1", "After it."]


@pytest.mark.parametrize(
    ("read", "name"),
    [(read_docx, "x.docx"), (read_pptx, "x.pptx"), (read_odt, "x.odt"), (read_epub, "x.epub")],
)
@pytest.mark.parametrize("damage", ["cut", "empty", "bomb", "no_zip"])
def test_damaged_containers_are_refused(tmp_path, read, name, damage):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "content.xml" if damage != "empty" else "other.xml",
            b" " * (30_000_000 if damage == "bomb" else 9),
        )
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:40])
    if damage == "no_zip":
        path.write_bytes(b"PK\x03\x04 and then nothing of use")
    expected = {"bomb": "times its size", "empty": "not a sound"}.get(damage, "damaged")
    with pytest.raises(UnreadableDocumentError, match=expected):
        read(path)


def test_a_document_of_pictures_alone_says_so(tmp_path):
    path = tmp_path / "x.docx"
    docx.Document().save(path)
    with pytest.raises(UnreadableDocumentError, match="holds no words"):
        read_docx(path)


@pytest.mark.parametrize(
    ("read", "suffix"),
    [(read_docx, ".docx"), (read_pptx, ".pptx"), (read_odt, ".odt"), (read_epub, ".epub")],
)
def test_an_encoding_that_nobody_knows_is_damage(tmp_path, read, suffix):
    parts = members(whole()[suffix])
    named = [name for name, content in parts.items() if content.startswith(b"<?xml")]
    assert named
    refused = 0
    for name in named:
        body = parts[name].partition(b"?>")[2]
        path = tmp_path / f"x{suffix}"
        path.write_bytes(zipped({**parts, name: b'<?xml version="1.0" encoding="UTF-Z-8"?>' + body}))
        try:
            read(path)
        except UnreadableDocumentError:
            refused += 1
    assert refused
