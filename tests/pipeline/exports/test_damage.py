"""Damaged files: an error that says what to do, or a result; never anything else."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from corpora.samples import samples_folder
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.pdf_notes import annotate_pdf
from pipeline.exports.pdf_places import find_places
from pipeline.exports.refi import write_project
from pipeline.exports.word_notes import annotate_docx
from pipeline.reviews.from_project import read_qdpx
from pipeline.reviews.from_table import read_workbook
from pipeline.reviews.records import FrameNames, read_passages
from tests.pipeline.exports.documents import code, passages_of

PDF = samples_folder() / "policy-6142-course-access.pdf"
WORD = samples_folder() / "unit-kitchen-science.docx"


def damaged(raw: bytes, chance: random.Random) -> bytes:
    made = bytearray(raw)
    for _ in range(chance.choice([1, 3, 20])):
        at = chance.randrange(len(made))
        if chance.random() < 0.7:
            made[at] = chance.randrange(256)
        else:
            del made[at : at + chance.randrange(1, 40)]
    return bytes(made)


def with_damage(path, member: str, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, damaged(old.read(name), chance) if name == member else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_refused_in_words_or_read(seed, made, codebook, tmp_path):
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    run, names = read_passages(made.write_run(tmp_path / "run")), FrameNames(codebook)
    write_project(tmp_path / "p.qdpx", codebook, made.documents, made.coded(), made.texts())
    made.write_workbook(tmp_path / "f.xlsx")
    pdf, word = code(passages_of(PDF), codebook), code(passages_of(WORD), codebook)
    part = chance.choice(
        ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"]
    )
    sheet = chance.choice(["xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
    broken, out = tmp_path / "broken", tmp_path / "out"
    trials = (
        (damaged(PDF.read_bytes(), chance),
         lambda: annotate_pdf(broken, out, codebook, pdf, find_places(broken, [p for p, _ in pdf]))),
        (with_damage(WORD, part, chance), lambda: annotate_docx(broken, out, codebook, word)),
        (with_damage(tmp_path / "p.qdpx", "project.qde", chance), lambda: read_qdpx(broken, run, names)),
        (with_damage(tmp_path / "f.xlsx", sheet, chance), lambda: read_workbook(broken, {p.id: p for p in run}, names)),
    )  # fmt: skip
    said = []
    for data, trial in trials:
        broken.write_bytes(data)
        try:
            said.append(trial())
        except UnreadableDocumentError as error:
            said.append(error.remedy)
    assert all(said), "a result, or what to do"
