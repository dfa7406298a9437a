"""What goes out to other programs and comes back, through the command itself."""

from __future__ import annotations

import json
import zipfile

import docx
import pandas as pd
import pypdfium2 as pdfium
import pytest
import python_calamine
from lxml import etree
from reportlab.pdfgen.canvas import Canvas

from corpora.samples import samples_folder
from flows.reviewing import run_codebook
from flows.settings import UsageError
from tests.conftest import ROOT
from tests.flows.conftest import run
from tests.pipeline.sheet_edits import rows_of, write_cells

SCHEMA = ROOT / "tests" / "data" / "refi-qda" / "Project.xsd"
SCAN = "memo-laboratory-fees.pdf"
SCRIPT = "<script>alert(1)</script>"
WORDS = (
    f"{SCRIPT} Black students are underrepresented in algebra, and the district will close that gap by 2027 "
    "with tutoring; see javascript:alert(1) and <img src=x onerror=alert(1)> in the handout."
)
FORMULA = "=cmd|' /C calc'!A0 stood in the cell; families of every language shape what the class asks and learns here."
TURNED = (
    "Students map \u202ewhose streets\u202c flood first and write a le\u200btter to the city\x00 about what they "
    "found there."
)
LONG = "n" * 300


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder of hostile documents, profiled."""
    folder = tmp_path_factory.mktemp("hostile")
    given = folder / "in"
    given.mkdir()
    with zipfile.ZipFile(given / "names.zip", "w") as archive:
        archive.writestr(f"{LONG}.txt", WORDS)
        archive.writestr(
            f"\u202e{SCRIPT.replace('/', '')}\x07.html", f"<h1>=1+1</h1><p>{FORMULA}</p>{SCRIPT}"
        )
    rows = [{"id": "=2+3", "title": f"@SUM(A1)\u202e{SCRIPT}", "text": TURNED, "school": '+HYPERLINK("http://x")\x1b'},
            {"id": "2", "title": "Half \ud800 a letter", "text": f"{WORDS} \ud83d", "school": "-1"}]  # fmt: skip
    (given / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    document = docx.Document()
    document.core_properties.title = "=1+1"
    document.add_heading(f"{SCRIPT} +1", 1)
    document.add_paragraph(WORDS)
    document.save(given / "paper.docx")
    canvas = Canvas(str(given / "paper.pdf"))
    canvas.setTitle(f"{SCRIPT}\x00")
    for line, words in enumerate((WORDS[:90], WORDS[90:])):
        canvas.drawString(40, 700 - 15 * line, words)
    canvas.save()
    return given, run("profile", given, out=folder / "out")


def test_a_hostile_folder_is_profiled(hostile):
    _, ran = hostile
    assert ran.code in {0, 3}, ran.errors
    assert "Traceback" not in ran.errors
    assert len(pd.read_parquet(ran.out / "passages.parquet")) >= 6


def test_hostile_words_are_text_in_every_table(hostile):
    _, ran = hostile
    for name in ("passages", "profiles", "groups", "skipped", "data-dictionary"):
        table = pd.read_csv(ran.out / f"{name}.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
        cells = [str(c) for column in table for c in table[column]]
        assert not [c for c in cells if c[:1] in {"=", "+", "@"}], name
    exact = pd.read_parquet(ran.out / "passages.parquet").text
    assert exact.str.startswith("=cmd|").any()
    assert exact.str.contains(SCRIPT, regex=False).any()


def test_hostile_words_are_text_in_the_workbook(hostile):
    _, ran = hostile
    with zipfile.ZipFile(ran.out / "frames.xlsx") as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                root = etree.fromstring(archive.read(name))
                assert not list(root.iter("{*}f")), name
                assert not list(root.iter("{*}hyperlink")), name
    book = python_calamine.CalamineWorkbook.from_path(str(ran.out / "frames.xlsx"))
    cells = [str(c) for s in book.sheet_names for row in book.get_sheet_by_name(s).to_python() for c in row]
    assert any(c.startswith("=cmd|") for c in cells)
    assert any(LONG in c for c in cells)
    assert not any(mark in c for c in cells for mark in ("\x00", "\x1b", "\x07", "\u202e"))


def test_hostile_words_are_text_in_the_project(hostile):
    _, ran = hostile
    with zipfile.ZipFile(ran.out / "project.qdpx") as archive:
        root = etree.fromstring(archive.read("project.qde"))
        texts = {n: archive.read(n).decode("utf-8") for n in archive.namelist() if n.endswith(".txt")}
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    assert schema.validate(root), schema.error_log
    passages = pd.read_parquet(ran.out / "passages.parquet")
    for source in root.iter("{*}TextSource"):
        text = texts[f"Sources/{source.get('plainTextPath').removeprefix('internal://')}"]
        assert "\r" not in text
        for selection in source.iter("{*}PlainTextSelection"):
            words = text[int(selection.get("startPosition")) : int(selection.get("endPosition"))]
            assert words in set(passages.text)


def test_hostile_documents_take_comments(hostile, tmp_path):
    given, ran = hostile
    before = {p: p.read_bytes() for p in given.iterdir()}
    done = run("annotate", ran.out, given, out=tmp_path / "copies")
    assert done.code in {0, 3}, done.errors
    assert "Traceback" not in done.errors
    assert {p: p.read_bytes() for p in given.iterdir()} == before
    made = sorted(p.name for p in (tmp_path / "copies").iterdir())
    assert made == ["comments.csv", "paper.docx", "paper.pdf"]
    pdf = pdfium.PdfDocument(tmp_path / "copies" / "paper.pdf")
    assert pdf[0].get_textpage().get_text_range().startswith(SCRIPT)
    assert all(
        c.author == "equity-frames" for c in docx.Document(tmp_path / "copies" / "paper.docx").comments
    )


def test_codes_written_in_the_workbook_become_gold_for_evaluate(samples_run, codebook, tmp_path):
    rows = rows_of(samples_run.out / "frames.xlsx", "passages")
    passages = pd.read_parquet(samples_run.out / "passages.parquet")
    cells = {(i + 1, "Your code"): codebook.frame(p).name if p != "none" else "none"
             for i, p in enumerate(passages.primary[:60])}  # fmt: skip
    cells[(61, "Your code")] = "gapz"
    coded = write_cells(samples_run.out / "frames.xlsx", tmp_path / "coded.xlsx", cells)
    done = run(
        "import-codings", coded, "--run", samples_run.out, "--coder", "Ana", out=tmp_path / "gold.jsonl"
    )
    assert done.code == 3, done.errors
    assert f"60 of {len(rows) - 1} passages were coded, by Ana (60)" in done.said
    assert f"{len(rows) - 62} rows have no code and count as not reviewed" in done.said
    assert "row 62: 'gapz' names no frame. Did you mean gaps?" in done.said
    left = pd.read_csv(tmp_path / "gold-not-matched.csv", encoding="utf-8-sig")
    assert left["where"].tolist() == ["row 62"]
    judged = run("evaluate", tmp_path / "gold.jsonl", out=tmp_path / "m")
    assert judged.code == 0, judged.errors
    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["n"] == 60
    assert metrics["primary_accuracy"] > 0.9, "people agreed with the program's primary frames"


def test_the_runs_own_project_is_nobodys_coding(samples_run):
    done = run("import-codings", samples_run.out / "project.qdpx", "--run", samples_run.out)
    assert done.code == 1, done.errors
    assert "codings are the program's own and were left out" in done.said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import-codings", "README.md", "--run", "{out}"], "codings are read from .xlsx"),
        (["import-codings", "no.xlsx", "--run", "{out}"], "nothing is there"),
        (["import-codings", "{out}/frames.xlsx", "--run", "docs"], "holds no finished run"),
        (["import-codings", "{out}/passages.csv", "--run", "{out}"], "the program's own codings"),
        (["import-codings", "{out}/frames.xlsx", "--run", "{out}", "--out", "x.txt"], "name a .jsonl or a .csv"),
        (["import-codings", "{out}/frames.xlsx", "--run", "{out}", "--codebook", "tests/flows/data/garden.yaml"],
         "but the run was coded with nasem-2024"),
        (["annotate", "{out}", "nowhere"], "nothing is there"),
        (["annotate", "docs", "corpora/samples"], "holds no finished run"),
        (["annotate", "{out}", "corpora/samples", "--out", "corpora/samples"], "nothing of yours is overwritten"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_without_a_traceback(samples_run, arguments, said):
    done = run(*(a.replace("{out}", str(samples_run.out)) for a in arguments))
    assert done.code == 2
    assert said in " ".join((done.errors + done.said).split())
    assert "Traceback" not in done.errors


def test_the_samples_get_their_comments_and_stay_as_they_are(samples_run, tmp_path):
    before = {p: p.read_bytes() for p in samples_folder().iterdir()}
    done = run("annotate", samples_run.out, samples_folder(), "--project", out=tmp_path / "copies")
    assert done.code == 3, done.errors
    assert {p: p.read_bytes() for p in samples_folder().iterdir()} == before
    index = pd.read_csv(tmp_path / "copies" / "comments.csv", encoding="utf-8-sig").set_index("file")
    passages = pd.read_parquet(samples_run.out / "passages.parquet")
    framed = passages[passages.frames != ""].path.map(lambda p: p.rsplit("/", 1)[-1]).value_counts()
    assert (index.passages_commented + index.without_place).to_dict() == {n: framed[n] for n in index.index}
    assert index.without_place.drop(SCAN, errors="ignore").sum() == 0  # a picture has no words to mark
    for path in sorted(before):
        if path.suffix == ".pdf" and path.name in index.index:
            assert (tmp_path / "copies" / path.name).read_bytes().startswith(before[path])
    with zipfile.ZipFile(tmp_path / "copies" / "project-on-pages.qdpx") as archive:
        root = etree.fromstring(archive.read("project.qde"))
        inside = [archive.read(n) for n in archive.namelist() if n.endswith(".pdf")]
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    assert schema.validate(root), schema.error_log
    assert len(list(root.iter("{*}PDFSelection"))) >= sum(
        framed[n] for n in index.index if n.endswith(".pdf") and n != SCAN
    )
    assert sorted(map(len, inside)) == sorted(
        len(before[samples_folder() / n]) for n in index.index if ".pdf" in n
    )


def test_the_codebook_of_a_run_is_the_one_kept_in_it(other_codebook, tmp_path):
    (tmp_path / "codebook.json").write_text(other_codebook.model_dump_json(), encoding="utf-8")
    about = {"codebook": {"id": other_codebook.id, "hash": other_codebook.hash}}
    (tmp_path / "run.json").write_text(json.dumps(about), encoding="utf-8")
    assert run_codebook(tmp_path, None).hash == other_codebook.hash
    with pytest.raises(
        UsageError, match="--codebook nasem-2024: that is nasem-2024, but the run was coded with"
    ):
        run_codebook(tmp_path, "nasem-2024")
