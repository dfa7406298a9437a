from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest
from lxml import etree
from pyrefiqda import RefiCodebook, RefiProject

from pipeline.exports.refi import (
    PROGRAM,
    PageBox,
    PdfPages,
    frame_guid,
    source_guid,
    write_codebook,
    write_project,
)
from tests.conftest import ROOT
from tests.pipeline.made_run import make_run

SCHEMA = ROOT / "tests" / "data" / "refi-qda" / "Project.xsd"


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


@pytest.fixture
def project(made, tmp_path):
    write_project(tmp_path / "p.qdpx", made.codebook, made.documents, made.coded(), made.texts())
    return tmp_path / "p.qdpx"


def xml_of(path):
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("project.qde"))


def test_the_project_follows_the_published_schema(project, schema):
    assert schema.validate(xml_of(project)), schema.error_log


def test_a_project_of_no_documents_follows_the_schema(codebook, schema, tmp_path):
    write_project(tmp_path / "p.qdpx", codebook, [], [], [])
    assert schema.validate(xml_of(tmp_path / "p.qdpx")), schema.error_log


def test_an_independent_reader_finds_every_coding_at_its_words(project, made, tmp_path):
    loaded = RefiProject.load(project, str(tmp_path / "open"))
    names = {c.guid: c.name for c in loaded.code_book.codes.code[0].code}
    assert list(names.values()) == [*(f.name for f in made.codebook.frames), "No frame"]
    sources = {s.guid: s for s in loaded.sources.text_source}
    assert set(sources) == {source_guid(d.id) for d in made.documents}
    frame_of = {frame_guid(made.codebook, f): f for f in made.codebook.frame_ids}
    found = set()
    for document in made.documents:
        source = sources[source_guid(document.id)]
        text = (tmp_path / "open" / "Sources" / f"{source.guid}.txt").read_bytes().decode("utf-8")
        assert text == document.text
        for s in source.plain_text_selection:
            for coding in s.coding:
                assert coding.creating_user == loaded.users.user[0].guid
                if coding.code_ref.target_guid in frame_of:
                    found.add(
                        (text[s.start_position : s.end_position], frame_of[coding.code_ref.target_guid])
                    )
    coded = zip(made.passages, made.codings, strict=True)
    assert found == {(p.text, f) for p, c in coded for f in c.frames}
    assert loaded.users.user[0].name == PROGRAM


def test_what_is_hostile_stays_text(project, schema):
    root = xml_of(project)
    with zipfile.ZipFile(project) as archive:
        names = archive.namelist()
        raw = archive.read("project.qde")
    assert b"<script" not in raw
    assert all(len(n) < 60 and ".." not in n for n in names)
    sources = [e.get("name") for e in root.iter("{*}TextSource")]
    assert len({s.casefold() for s in sources}) == 3, "names tell sources apart"
    assert all(len(s) <= 256 and "\u202e" not in s and "\x00" not in s for s in sources)
    assert any("<script>alert(1)</script>" in s for s in sources)


def test_the_codebook_opens_alone_with_the_projects_guids(made, project, tmp_path):
    write_codebook(tmp_path / "c.qdc", made.codebook)
    alone = RefiCodebook.load(tmp_path / "c.qdc")
    inside = RefiProject.load(project, str(tmp_path / "open")).code_book

    def tree(codes):
        return [(c.guid, c.name, c.is_codable, tree(c.code)) for c in codes]

    assert tree(alone.codes.code) == tree(inside.codes.code)


def test_codes_can_be_used_and_their_parent_cannot(project):
    codes = list(xml_of(project).iter("{*}Code"))
    assert [c.get("isCodable") for c in codes] == ["false", *["true"] * (len(codes) - 1)]


def test_the_same_run_gives_the_same_bytes(made, project, tmp_path):
    write_project(tmp_path / "q.qdpx", made.codebook, made.documents, made.coded(), made.texts())
    assert (tmp_path / "q.qdpx").read_bytes() == project.read_bytes()


def test_another_codebook_has_codes_of_its_own(codebook, other_codebook):
    assert {frame_guid(codebook, f) for f in codebook.frame_ids}.isdisjoint(
        frame_guid(other_codebook, f) for f in other_codebook.frame_ids
    )


def test_a_pdf_is_coded_on_its_pages_once(made, schema, tmp_path):
    pdf = tmp_path / "own.pdf"
    pdf.write_bytes(b"%PDF-1.4 the very bytes")
    document = made.documents[0]
    first, second = [p for p in made.passages if p.document_id == document.id][:2]
    pages = PdfPages(pdf, {first.id: [PageBox(2, 72.4, 500.2, 300.6, 540.9)]})
    write_project(tmp_path / "p.qdpx", made.codebook, made.documents, made.coded(), made.texts(),
                  pdfs={document.id: pages})  # fmt: skip
    root = xml_of(tmp_path / "p.qdpx")
    assert schema.validate(root), schema.error_log
    source = root.find(".//{*}PDFSource")
    boxes = source.findall("{*}PDFSelection")
    assert [[b.get(k) for k in ("page", "firstX", "firstY", "secondX", "secondY")] for b in boxes] == [
        ["1", "72", "541", "301", "500"]
    ]
    texts = source.findall("{*}Representation/{*}PlainTextSelection")
    assert str(first.start) not in {t.get("startPosition") for t in texts}
    assert str(second.start) in {t.get("startPosition") for t in texts}
    with zipfile.ZipFile(tmp_path / "p.qdpx") as archive:
        inside = f"Sources/{source.get('path').removeprefix('internal://')}"
        assert archive.read(inside) == pdf.read_bytes()


def test_passages_without_frame_are_marked_only_where_the_program_is_unsure(made, tmp_path):
    sure = [[(p, replace(c, needs_review=False)) for p, c in own] for own in made.coded()]
    write_project(tmp_path / "p.qdpx", made.codebook, made.documents, sure, made.texts())
    assert len(list(xml_of(tmp_path / "p.qdpx").iter("{*}PlainTextSelection"))) == sum(
        bool(c.frames) for own in sure for _, c in own
    )


def test_any_codebook_makes_a_sound_project(other_codebook, schema, tmp_path):
    made = make_run(other_codebook)
    write_project(tmp_path / "p.qdpx", other_codebook, made.documents, made.coded(), made.texts())
    root = xml_of(tmp_path / "p.qdpx")
    assert schema.validate(root), schema.error_log
    names = {c.get("name") for c in root.iter("{*}Code")}
    assert {f.name for f in other_codebook.frames} <= names
