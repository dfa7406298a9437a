from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import pytest
from lxml import etree

from pipeline.errors import UnreadableDocumentError
from pipeline.exports.refi import PROJECT_NAMESPACE, frame_guid, guid, source_guid, write_project
from pipeline.reviews.from_project import read_qdpx
from pipeline.reviews.records import FrameNames, read_passages

ANA, BEN = guid("user", "Ana"), guid("user", "Ben")


def q(name):
    return f"{{{PROJECT_NAMESPACE}}}{name}"


@pytest.fixture
def passages(made, tmp_path):
    return read_passages(made.write_run(tmp_path / "run"))


@pytest.fixture
def names(codebook):
    return FrameNames(codebook)


class Coded:
    """The run's own project as another program gives it back: people's codings in it, texts as it writes them."""

    def __init__(self, made, path):
        self.path, self.book = path, made.codebook
        write_project(path, made.codebook, made.documents, made.coded(), made.texts())
        with zipfile.ZipFile(path) as archive:
            self.files = {n: archive.read(n) for n in archive.namelist() if n.endswith(".txt")}
            self.root = etree.fromstring(archive.read("project.qde"))
        users = self.root.find(q("Users"))
        for own, name in ((ANA, "Ana"), (BEN, "Ben")):
            etree.SubElement(users, q("User"), guid=own, name=name)

    def forget_the_programs(self):
        for kind in ("PlainTextSelection",):
            for selection in list(self.root.iter(q(kind))):
                selection.getparent().remove(selection)
        return self

    def source(self, document):
        return next(s for s in self.root.iter(q("TextSource")) if s.get("guid") == source_guid(document.id))

    def text(self, source):
        return self.files[f"Sources/{source.get('plainTextPath').removeprefix('internal://')}"].decode(
            "utf-8"
        )

    def new_code(self, name, under=None):
        codes = under if under is not None else self.root.find(f"{q('CodeBook')}/{q('Codes')}")
        return etree.SubElement(codes, q("Code"), guid=guid("code", name), name=name, isCodable="true")

    def code(self, source, start, end, code, by=ANA, note=""):
        place = (source.get("guid"), str(start), str(end), code, by)
        selection = etree.Element(
            q("PlainTextSelection"), guid=guid("s", *place), startPosition=str(start), endPosition=str(end)
        )
        if note:
            etree.SubElement(selection, q("Description")).text = note
        coding = etree.SubElement(selection, q("Coding"), guid=guid("c", *place), creatingUser=by)
        etree.SubElement(coding, q("CodeRef"), targetGUID=code)
        source.insert(1, selection)

    def save(self):
        with zipfile.ZipFile(self.path, "w") as archive:
            archive.writestr("project.qde", etree.tostring(self.root))
            for name, data in self.files.items():
                archive.writestr(name, data)
        return self.path


@pytest.fixture
def project(made, tmp_path):
    return Coded(made, tmp_path / "back.qdpx")


def brief(imported):
    return [(c.passage_id, c.coder, c.frames, c.primary, c.primary_by) for c in imported.codings]


def test_the_programs_own_codings_come_back_as_nobodys(project, passages, names):
    imported = read_qdpx(project.save(), passages, names)
    assert imported.codings == imported.not_matched == []
    assert re.fullmatch(r"\d+ codings are the program's own and were left out", imported.notes[0])


def test_codings_survive_the_round_trip(project, made, passages, names):
    """What the program coded, given to a person, comes back as it was."""
    for user in project.root.iter(q("User")):
        if user.get("name") == "equity-frames":
            user.getparent().remove(user)
    for element in project.root.iter(q("Coding"), q("PlainTextSelection"), q("TextSource")):
        element.set("creatingUser", ANA)
    imported = read_qdpx(project.save(), passages, names)
    want = {p.id: c.frames for p, c in zip(made.passages, made.codings, strict=True) if c.frames}
    assert {c.passage_id: c.frames for c in imported.codings} == want
    assert {c.coder for c in imported.codings} == {"Ana"}
    assert imported.not_matched == []


def test_any_overlap_counts_and_the_primary_is_the_frame_on_most_of_the_passage(
    project, made, passages, names, codebook
):
    document, (first, second) = made.documents[0], made.passages[:2]
    source = project.forget_the_programs().source(document)
    a, b, c = (frame_guid(codebook, f) for f in codebook.frame_ids[:3])
    project.code(source, first.start + 3, first.start + 20, a, note="why not")
    project.code(source, first.start + 10, second.start + 9, b)
    project.code(source, second.start, second.end, c, by=BEN)
    imported = read_qdpx(project.save(), passages, names)
    ids = codebook.frame_ids
    assert sorted(brief(imported)) == sorted([
        (first.id, "Ana", ids[:2], ids[1], "extent"),
        (second.id, "Ana", ids[1:2], ids[1], "only frame"),
        (second.id, "Ben", ids[2:3], ids[2], "only frame"),
    ])  # fmt: skip
    assert next(c.comment for c in imported.codings if c.passage_id == first.id) == "why not"


def test_codes_are_known_by_guid_by_name_by_id_and_by_the_code_above(
    project, made, passages, names, codebook
):
    source = project.forget_the_programs().source(made.documents[0])
    a, b = codebook.frames[:2]
    by_name, by_id = project.new_code(a.name.upper()), project.new_code(b.id)
    parent = next(c for c in project.root.iter(q("Code")) if c.get("name") == codebook.frames[2].name)
    below, strange = project.new_code("girls only", under=parent), project.new_code("Tone of voice")
    three = [p for p in made.passages if p.document_id == made.documents[0].id]
    project.code(source, three[0].start, three[0].end, by_name.get("guid"))
    project.code(source, three[0].start, three[0].end, by_id.get("guid").upper(), by=BEN)
    project.code(source, three[1].start, three[1].end, below.get("guid"))
    project.code(source, three[2].start, three[2].end, strange.get("guid"))
    imported = read_qdpx(project.save(), passages, names)
    assert sorted((p, c, f) for p, c, f, *_ in brief(imported)) == sorted([
        (three[0].id, "Ana", (a.id,)),
        (three[0].id, "Ben", (b.id,)),
        (three[1].id, "Ana", (codebook.frame_ids[2],)),
    ])  # fmt: skip
    assert [(n.where, n.found) for n in imported.not_matched] == [
        ("code 'Tone of voice'", "1 coding with a code that is no frame")
    ]


def test_no_frame_is_a_code_and_silence_is_not(project, made, passages, names, codebook):
    source = project.forget_the_programs().source(made.documents[0])
    first, second = made.passages[:2]
    none = frame_guid(codebook, "none")
    project.code(source, first.start, first.end, none)
    project.code(source, second.start, second.end, none)
    project.code(source, second.start, second.end, frame_guid(codebook, codebook.frame_ids[0]))
    imported = read_qdpx(project.save(), passages, names)
    assert brief(imported) == [(first.id, "Ana", (), None, None)]
    assert "both 'No frame' and with a frame" in imported.not_matched[0].found


def windows(text):
    """As NVivo 12 writes sources: a mark in front, two characters a line end, positions in UTF-16 units."""
    return text.replace("\n", "\r\n")


def units(text, place):
    return len(windows(text[:place]).encode("utf-16-le")) // 2


def test_a_program_that_counts_as_nvivo_does_is_understood(project, made, passages, names, codebook):
    project.forget_the_programs()
    want = set()
    for document in made.documents:
        source = project.source(document)
        text = project.text(source)
        project.files[f"Sources/{source.get('guid')}.txt"] = b"\xef\xbb\xbf" + windows(text).encode("utf-8")
        for i, passage in enumerate(p for p in made.passages if p.document_id == document.id):
            frame = codebook.frame_ids[i]
            project.code(
                source, units(text, passage.start), units(text, passage.end), frame_guid(codebook, frame)
            )
            want.add((passage.id, (frame,)))
    imported = read_qdpx(project.save(), passages, names)
    assert {(c.passage_id, c.frames) for c in imported.codings} == want
    assert imported.not_matched == []


def test_a_text_imported_by_the_person_is_matched_by_its_words(project, made, passages, names, codebook):
    """Not our source: other GUID, other name, lines broken elsewhere, a heading more, hyphens at line ends."""
    document = made.documents[1]
    own = project.forget_the_programs().source(document)
    text = project.text(own).replace("streets flood", "streets\nflood").replace("council", "coun-\ncil")
    text = "A heading that the run does not have\n\n" + text
    project.files = {"sources/ABC.TXT": text.encode("utf-8")}
    own.set("guid", guid("source", "another"))
    own.set("name", "my file")
    own.set("plainTextPath", "internal://abc.txt")
    own.getparent()[:] = [own]
    a = codebook.frame_ids[0]
    at = text.index("flood first")
    project.code(own, at, at + len("flood first"), frame_guid(codebook, a))
    project.code(own, 2, 9, frame_guid(codebook, a))
    imported = read_qdpx(project.save(), passages, names)
    second = [p for p in made.passages if p.document_id == document.id][1]
    assert brief(imported) == [(second.id, "Ana", (a,), a, "only frame")]
    assert ["lies over no passage: “heading”" in n.found for n in imported.not_matched] == [True]


def test_what_has_no_words_or_no_text_is_said(project, made, passages, names, codebook):
    source = project.forget_the_programs().source(made.documents[0])
    project.code(source, 0, 5, frame_guid(codebook, codebook.frame_ids[0]))
    project.files = {n: d for n, d in project.files.items() if source.get("guid") not in n}
    other = project.source(made.documents[1])
    project.code(other, 0, 50, frame_guid(codebook, codebook.frame_ids[0]))
    project.files[f"Sources/{other.get('guid')}.txt"] = (
        b"Something else altogether stands in this file of mine."
    )
    other.set("guid", guid("source", "x"))
    other.set("plainTextPath", f"internal://{source_guid(made.documents[1].id)}.txt")
    picture = etree.SubElement(source.getparent(), q("PictureSource"), guid=guid("p", "1"), name="photo")
    selection = etree.SubElement(picture, q("PictureSelection"), guid=guid("p", "2"))
    etree.SubElement(selection, q("Coding"), guid=guid("p", "3"))
    imported = read_qdpx(project.save(), passages, names)
    assert imported.codings == []
    assert [n.found for n in imported.not_matched] == [
        "1 coding in a source whose text is not in the file",
        "1 coding in a text that is no document of this run",
        "1 coding of a page region, picture or time, without words",
    ]


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"a.txt": b"x"}, "holds no project.qde"),
        ({"project.qde": b"<Project"}, "not sound XML"),
        ({"project.qde": b"<html/>"}, "holds no REFI-QDA project"),
        ({"project.qde": b"<Project>" + b" " * 2_000_000 + b"</Project>"}, "200 times"),
    ],
)
def test_a_file_that_is_no_project_is_refused(tmp_path, passages, names, members, found):
    with zipfile.ZipFile(tmp_path / "x.qdpx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(UnreadableDocumentError, match=found):
        read_qdpx(tmp_path / "x.qdpx", passages, names)


def test_entities_are_not_followed(tmp_path, passages, names):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words", encoding="utf-8")
    text = f'<TextSource guid="{BEN}" name="n"><PlainTextContent>&e;</PlainTextContent></TextSource>'
    sources = f'<Project xmlns="{PROJECT_NAMESPACE}"><Sources>{text}</Sources></Project>'
    bomb = f'<!DOCTYPE P [<!ENTITY e SYSTEM "{secret.as_uri()}">]>{sources}'
    with zipfile.ZipFile(tmp_path / "x.qdpx", "w") as archive:
        archive.writestr("project.qde", bomb)
    imported = read_qdpx(tmp_path / "x.qdpx", passages, names)
    assert "secret" not in str(imported)


def test_two_documents_of_one_text_keep_their_own_codings(made, tmp_path, names, codebook):
    twin = replace(made.documents[0], id="f" * 16, path="in/twin.txt", title="The twin")
    for own in [p for p in made.passages if p.document_id == made.documents[0].id]:
        made.passages.append(replace(own, id=f"{twin.id}-{own.order:04d}", document_id=twin.id))
        made.codings.append(replace(made.codings[0], passage_id=made.passages[-1].id))
    made.documents.append(twin)
    passages = read_passages(made.write_run(tmp_path / "run"))
    project = Coded(made, tmp_path / "twins.qdpx").forget_the_programs()
    for document in (twin, made.documents[0]):  # the twin comes first, and no GUID tells which is which
        source = project.source(document)
        source.set("guid", guid("new", document.id))
        source.getparent().insert(0, source)
        project.code(source, 0, 40, frame_guid(codebook, codebook.frame_ids[0]), note=document.id)
    imported = read_qdpx(project.save(), passages, names)
    assert {(c.passage_id, c.comment) for c in imported.codings} == {
        (f"{d.id}-0000", d.id) for d in (twin, made.documents[0])
    }
