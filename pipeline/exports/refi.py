"""REFI-QDA 1.5: a run as a project (.qdpx) and its codebook (.qdc) for NVivo, ATLAS.ti, MAXQDA, QualCoder.

Positions are 0-based code points, the end exclusive; texts are UTF-8 with line feeds, without a
mark in front. GUIDs are made of what they name, so the same run gives the same bytes, and what
people code on top of it can be recognised when it comes back.
"""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from lxml import etree

from labels.codebook import NO_FRAME, Codebook, Frame
from pipeline.exports.safe import one_line, printable, shown, zip_member
from pipeline.manifest import metadata_columns
from pipeline.records import Coding, Document, Passage

PROJECT_NAMESPACE = "urn:QDA-XML:project:1.0"
CODEBOOK_NAMESPACE = "urn:QDA-XML:codebook:1.0"
PROGRAM = "equity-frames"  # the user whose codings are the program's and not a person's
NO_FRAME_CODE = "No frame"  # for people: a passage they looked at and found no frame in
REVIEW_CODE = "Needs review"
SOURCES = "Sources"
Coded = Sequence[tuple[Passage, Coding]]
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://doi.org/10.17226/26859#equity-frames")
LONGEST_NAME = 120  # NVivo refuses names over 256; a code or source list is read at a glance
_GREY = "#6E6E6E"


@dataclass(frozen=True, slots=True)
class PageBox:
    """A place on a PDF page in points from its lower left corner; ``page`` is 1-based."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class PdfPages:
    """A document's own PDF, and where its passages stand on the pages, by passage id."""

    path: Path
    boxes: Mapping[str, Sequence[PageBox]]


def guid(kind: str, *names: str) -> str:
    """Return the GUID of a thing by its kind and names: the same in every run and on every machine."""
    return str(uuid.uuid5(_OURS, "/".join((kind, *names))))


# Of what stands at every coding; the others are asked for once.
_guid_of_many = lru_cache(maxsize=1_000)(guid)


def frame_guid(codebook: Codebook, frame: str) -> str:
    """Return the GUID of a frame's code; ``none`` names the code for no frame."""
    return _guid_of_many("code", codebook.id, frame)


def source_guid(document_id: str) -> str:
    """Return the GUID of a document's source."""
    return guid("source", document_id)


def program_guid() -> str:
    """Return the GUID of the user whose codings are the program's."""
    return _guid_of_many("user", PROGRAM)


def write_codebook(path: Path, codebook: Codebook) -> None:
    """Write ``codebook.qdc``: the frames as codes under the codebook's name."""
    root = etree.Element(_in(CODEBOOK_NAMESPACE, "CodeBook"), nsmap=_default(CODEBOOK_NAMESPACE))
    root.set("origin", PROGRAM)
    _write_codes(root, codebook, CODEBOOK_NAMESPACE)
    path.write_bytes(_xml(root))


def write_project(
    path: Path,
    codebook: Codebook,
    documents: Sequence[Document],
    coded: Iterable[Coded],
    texts: Iterable[str],
    *,
    pdfs: Mapping[str, PdfPages] | None = None,
) -> None:
    """Write ``project.qdpx``: every document's text, and every coded passage at its place in it.

    ``coded`` and ``texts`` give each document's passages with their codings, and its text, in the order of
    ``documents``, whose own text is not looked at; no more than one of them is in memory at once. A
    document in ``pdfs`` (by id) comes as its own PDF with the codings on its pages; a passage of it
    without boxes is coded in the text beside it.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(zip_member("project.qde"), "w", force_zip64=True) as file:
            _write_qde(file, codebook, documents, coded, pdfs or {})
        for document, text in zip(documents, texts, strict=True):
            name = f"{SOURCES}/{source_guid(document.id)}.txt"
            archive.writestr(zip_member(name), printable(text).encode("utf-8"))
            pdf = (pdfs or {}).get(document.id)
            if pdf is not None:
                name = f"{SOURCES}/{guid('pdf', document.id)}.pdf"
                archive.writestr(zip_member(name), pdf.path.read_bytes())


def _write_qde(
    file: IO[bytes],
    codebook: Codebook,
    documents: Sequence[Document],
    coded: Iterable[Coded],
    pdfs: Mapping[str, PdfPages],
) -> None:
    about = {
        "name": f"Equity frames: {codebook.title}",
        "origin": PROGRAM,
        "creatingUserGUID": program_guid(),
    }
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_in(PROJECT_NAMESPACE, "Project"), about, nsmap=_default(PROJECT_NAMESPACE)):
            head = etree.Element(_in(PROJECT_NAMESPACE, "Project"), nsmap=_default(PROJECT_NAMESPACE))
            users = _child(head, "Users")
            _child(users, "User", guid=program_guid(), name=PROGRAM, id=PROGRAM)
            _write_codes(_child(head, "CodeBook"), codebook, PROJECT_NAMESPACE)
            columns = _write_variables(head, documents)
            for part in head:
                xml.write(part, pretty_print=True)
            if documents:
                names = _names(documents)
                with xml.element(_in(PROJECT_NAMESPACE, SOURCES)):
                    for document, rows in zip(documents, coded, strict=True):
                        holder = etree.Element(
                            _in(PROJECT_NAMESPACE, SOURCES), nsmap=_default(PROJECT_NAMESPACE)
                        )
                        said = [(p, c) for p, c in rows if c.frames or c.needs_review]
                        pdf = pdfs.get(document.id)
                        _write_source(holder, document, names[document.id], said, codebook, columns, pdf)
                        xml.write(holder[0], pretty_print=True)


def _xml(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _default(namespace: str) -> Any:
    return {None: namespace}  # lxml's default namespace, which its published types do not know


def _in(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _child(parent: etree._Element, name: str, text: str = "", /, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, _in(PROJECT_NAMESPACE, name), attributes)
    if text:
        child.text = text
    return child


def _write_codes(parent: etree._Element, codebook: Codebook, namespace: str) -> None:
    codes = etree.SubElement(parent, _in(namespace, "Codes"))

    def code(
        under: etree._Element, key: str, name: str, colour: str, said: str, *, codable: bool
    ) -> etree._Element:
        made = etree.SubElement(under, _in(namespace, "Code"))
        made.set("guid", frame_guid(codebook, key))
        made.set("name", one_line(name, LONGEST_NAME))
        made.set("isCodable", "true" if codable else "false")
        made.set("color", colour)
        if said:
            etree.SubElement(made, _in(namespace, "Description")).text = shown(said)
        return made

    book = code(codes, "", codebook.title, _GREY, codebook.foregrounds, codable=False)
    for frame in codebook.frames:
        code(book, frame.id, frame.name, frame.colour or _GREY, _described(frame), codable=True)
    none = "\n".join(
        filter(None, (codebook.none.description, *(f"- {rule}" for rule in codebook.none.include)))
    )
    code(book, NO_FRAME, NO_FRAME_CODE, _GREY, none, codable=True)
    unsure = "The program is least sure of these passages; read them first."
    code(codes, "needs review", REVIEW_CODE, "#B8860B", unsure, codable=True)


def _described(frame: Frame) -> str:
    lines = [frame.definition]
    for label, said in (("The problem is", frame.problem), ("The action is", frame.action),
                        ("Success is", frame.success)):  # fmt: skip
        lines += [f"{label}: {said}"] if said else []
    lines += ["Code:", *(f"- {rule}" for rule in frame.include)] if frame.include else []
    lines += ["Do not code:", *(f"- {rule}" for rule in frame.exclude)] if frame.exclude else []
    return "\n".join(lines)


def _write_variables(root: etree._Element, documents: Sequence[Document]) -> dict[str, str]:
    """Declare what is known of the documents; returns the variables' GUIDs by column."""
    if not documents:
        return {}
    columns = ("kind", *(c for c in metadata_columns(d.metadata for d in documents) if c != "kind"))
    variables = _child(root, "Variables")
    guids = {column: guid("variable", column) for column in columns}
    for column, own in guids.items():
        _child(variables, "Variable", guid=own, name=one_line(column, LONGEST_NAME), typeOfVariable="Text")
    return guids


def _write_source(
    sources: etree._Element,
    document: Document,
    name: str,
    coded: Sequence[tuple[Passage, Coding]],
    codebook: Codebook,
    columns: Mapping[str, str],
    pdf: PdfPages | None,
) -> None:
    own = source_guid(document.id)
    plain = {
        "guid": own,
        "name": name,
        "plainTextPath": f"internal://{own}.txt",
        "creatingUser": program_guid(),
    }
    about = one_line(document.path, 1000)
    if pdf is None:
        source = holder = _child(sources, "TextSource", **plain)
        _child(source, "Description", about)
    else:
        of_pdf = guid("pdf", document.id)
        source = _child(sources, "PDFSource", guid=of_pdf, name=name, path=f"internal://{of_pdf}.pdf",
                        creatingUser=program_guid())  # fmt: skip
        _child(source, "Description", about)
        for passage, coding in coded:
            for box in pdf.boxes.get(passage.id, ()):
                _write_page_selection(source, passage, coding, box, codebook)
        holder = _child(source, "Representation", **plain)
    for passage, coding in coded:
        # Once on the page or once in the text: twice would be counted twice.
        if pdf is None or not pdf.boxes.get(passage.id):
            selection = _child(
                holder, "PlainTextSelection",
                guid=guid("selection", passage.id), name=one_line(passage.text, 60),
                startPosition=str(passage.start), endPosition=str(passage.end), creatingUser=program_guid(),
            )  # fmt: skip
            _write_codings(selection, coding, codebook, passage.id)
    for column, variable in columns.items():
        value = document.kind if column == "kind" else document.metadata.get(column, "")
        if value:
            held = _child(source, "VariableValue")
            _child(held, "VariableRef", targetGUID=variable)
            _child(held, "TextValue", shown(value))


def _write_page_selection(
    source: etree._Element, passage: Passage, coding: Coding, box: PageBox, codebook: Codebook
) -> None:
    # The schema leaves open where pages begin; taken to be 0, as positions do. Not yet tried in NVivo or ATLAS.ti.
    place = f"{passage.id} p{box.page}"
    selection = _child(
        source, "PDFSelection",
        guid=guid("page selection", place), name=one_line(passage.text, 60), page=str(box.page - 1),
        firstX=str(round(box.x0)), firstY=str(round(box.y1)), secondX=str(round(box.x1)),
        secondY=str(round(box.y0)), creatingUser=program_guid(),
    )  # fmt: skip
    _write_codings(selection, coding, codebook, place)


def _write_codings(selection: etree._Element, coding: Coding, codebook: Codebook, place: str) -> None:
    _child(selection, "Description", coding_words(coding, codebook))
    for key in (*coding.frames, *(["needs review"] if coding.needs_review else [])):
        made = _child(selection, "Coding", guid=guid("coding", place, key), creatingUser=program_guid())
        _child(made, "CodeRef", targetGUID=frame_guid(codebook, key))


def coding_words(coding: Coding, codebook: Codebook) -> str:
    """Say in words what the program coded, how surely, and by which words."""
    names = {f.id: f.name for f in codebook.frames}
    said = [f"{names[f]} ({coding.probabilities[f]:.0%})" for f in coding.frames]
    lines = ["; ".join(said) if said else "No frame"]
    lines += [
        f"Words that speak for {names[e.frame]}: {', '.join(e.words)}" for e in coding.evidence if e.words
    ]
    if coding.needs_review:
        lines.append("Needs review: the program is not sure.")
    return shown("\n".join([*lines, f"Passage {coding.passage_id}"]))


def _names(documents: Sequence[Document]) -> dict[str, str]:
    """Name each source by its title; where two share one, by what tells them apart."""
    taken: set[str] = set()
    names = {}
    for document in documents:
        name = one_line(document.title, LONGEST_NAME) or document.id
        for other in (f"{name} ({one_line(document.path, 80)})", f"{name} ({document.id})"):
            if name.casefold() in taken:
                name = other
        taken.add(name.casefold())
        names[document.id] = name
    return names
