from __future__ import annotations

import shutil
import subprocess
import zipfile
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml

from corpora.samples import samples_folder
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.align import letters
from pipeline.exports.word_notes import annotate_docx
from tests.pipeline.exports.documents import code, passages_of
from tests.pipeline.pdf_fixtures import prose

SAMPLES = sorted(samples_folder().glob("*.docx"))
W = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}


def anchored(path):
    """Give for each comment its text and the words between its marks, as Word would."""
    document = docx.Document(path)
    notes = {str(c.comment_id): c.text for c in document.comments}
    words: dict[str, str] = {}
    open_ids: set[str] = set()
    for element in document.element.body.iter():
        if element.tag == qn("w:commentRangeStart"):
            open_ids.add(element.get(qn("w:id")))
        elif element.tag == qn("w:commentRangeEnd"):
            open_ids.discard(element.get(qn("w:id")))
        elif element.tag == qn("w:t"):
            for id_ in open_ids:
                words[id_] = words.get(id_, "") + (element.text or "")
    assert not open_ids
    return [(notes[id_], words.get(id_, "")) for id_ in notes]


def all_text(path):
    return [t.text for t in docx.Document(path).element.body.iter(qn("w:t"))]


def check(path, out, codebook):
    passages = passages_of(path)
    assert passages
    written = annotate_docx(path, out, codebook, code(passages, codebook))
    assert (written.highlighted, written.noted) == (len(passages), 0)
    got = {note.rsplit("Passage ", 1)[1]: words for note, words in anchored(out)}
    for passage in passages:
        assert letters(got[passage.id]).folded == letters(passage.text).folded
    assert "".join(all_text(out)) == "".join(all_text(path)), "no word is changed"
    assert [p.text for p in passages_of(out)] == [p.text for p in passages]
    return passages


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_comments_stand_at_the_words_of_the_samples(path, tmp_path, codebook):
    check(path, tmp_path / "out.docx", codebook)


def test_a_long_paragraph_is_cut_where_passages_meet(tmp_path, codebook):
    document = docx.Document()
    paragraph = document.add_paragraph()
    for i in range(8):  # sentences across runs, some bold, so that passages begin and end within runs
        run = paragraph.add_run(f"Part {i}: {prose(i, 3)} ")
        run.bold = i % 2 == 0
    paragraph.add_run("After a tab").add_tab()
    document.save(tmp_path / "a.docx")
    assert len(check(tmp_path / "a.docx", tmp_path / "out.docx", codebook)) > 1
    bold = [r.text for r in docx.Document(tmp_path / "out.docx").paragraphs[0].runs if r.bold]
    assert "".join(bold) == "".join(f"Part {i}: {prose(i, 3)} " for i in range(0, 8, 2))


def test_tables_lists_links_and_tracked_changes(tmp_path, codebook):
    document = docx.Document()
    document.add_heading("What we do", 1)
    document.add_paragraph("The district will do the following things this year:")
    for i in range(3):
        document.add_paragraph(prose(i, 2), style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for i, cell in enumerate(c for row in table.rows for c in row.cells):
        cell.text = prose(i + 3, 2)
    paragraph = document.add_paragraph(prose(6, 1) + " ")
    paragraph._p.append(parse_xml(
        f'<w:ins {nsdecls("w")} w:id="900" w:author="A" w:date="2026-01-01T00:00:00Z"><w:r><w:t>{prose(2, 2)}'
        "</w:t></w:r></w:ins>"))  # fmt: skip
    paragraph._p.append(parse_xml(
        f'<w:del {nsdecls("w")} w:id="901" w:author="A" w:date="2026-01-01T00:00:00Z"><w:r><w:delText>{prose(4, 2)}'
        "</w:delText></w:r></w:del>"))  # fmt: skip
    document.save(tmp_path / "a.docx")
    check(tmp_path / "a.docx", tmp_path / "out.docx", codebook)


def test_comments_of_others_stay(tmp_path, codebook):
    document = docx.Document()
    run = document.add_paragraph(prose(0, 5)).runs[0]
    document.add_comment(run, text="Mine", author="Ana")
    document.save(tmp_path / "a.docx")
    passages = passages_of(tmp_path / "a.docx")
    annotate_docx(tmp_path / "a.docx", tmp_path / "out.docx", codebook, code(passages, codebook))
    comments = list(docx.Document(tmp_path / "out.docx").comments)
    assert [c.author for c in comments] == ["Ana", "equity-frames"]
    assert comments[0].text == "Mine"


def test_what_is_in_a_text_box_is_said_at_the_beginning(tmp_path, codebook):
    document = docx.Document()
    document.add_paragraph("A short line stands here.")
    document.save(tmp_path / "a.docx")
    passages = passages_of(tmp_path / "a.docx")
    lost = type(passages[0])("x", "d", 0, 0, 1, prose(0, 4), (), (), 40)
    written = annotate_docx(tmp_path / "a.docx", tmp_path / "out.docx", codebook, code([lost], codebook))
    assert (written.highlighted, written.noted) == (0, 1)
    assert "was not found" in anchored(tmp_path / "out.docx")[0][0]


def test_the_same_file_gives_the_same_bytes_and_carries_the_runs_date(tmp_path, codebook):
    coded = code(passages_of(SAMPLES[0]), codebook)
    date = datetime(2026, 1, 2, tzinfo=UTC)
    for name in ("one.docx", "two.docx"):
        annotate_docx(SAMPLES[0], tmp_path / name, codebook, coded, date=date)
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()
    assert {c.timestamp for c in docx.Document(tmp_path / "one.docx").comments} == {date}


def test_hostile_words_are_only_words(tmp_path, codebook):
    document = docx.Document()
    document.add_paragraph("<script>alert(1)</script> & =cmd|' /C calc'!A0 stood in the letter that families of the "
                           "sixth grade got from the office in the fall.")  # fmt: skip
    document.save(tmp_path / "a.docx")
    check(tmp_path / "a.docx", tmp_path / "out.docx", codebook)
    with zipfile.ZipFile(tmp_path / "out.docx") as archive:
        assert all(b"<script" not in archive.read(n) for n in archive.namelist())


@pytest.mark.parametrize("data", [b"PK\x03\x04 nothing", b""])
def test_a_file_that_is_none_is_refused(tmp_path, codebook, data):
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(UnreadableDocumentError, match="damaged"):
        annotate_docx(tmp_path / "a.docx", tmp_path / "out.docx", codebook, [])


def test_a_zip_that_is_no_word_file_is_refused(tmp_path, codebook):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(UnreadableDocumentError, match="not a sound Word document"):
        annotate_docx(tmp_path / "a.docx", tmp_path / "out.docx", codebook, [])


def test_libreoffice_opens_it_and_keeps_the_comments(tmp_path, codebook):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    coded = code(passages_of(SAMPLES[0]), codebook)
    annotate_docx(SAMPLES[0], tmp_path / "out.docx", codebook, coded)
    done = subprocess.run(  # noqa: S603 - a program of this machine
        [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
         "docx:MS Word 2007 XML", "--outdir", str(tmp_path / "saved"), str(tmp_path / "out.docx")],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    saved = tmp_path / "saved" / "out.docx"
    assert saved.is_file(), done.stderr
    assert [c.author for c in docx.Document(saved).comments] == ["equity-frames"] * len(coded)
