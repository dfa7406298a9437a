"""``equity-frames report``: the same pages from the tables alone, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from benchmarks.made_run import Made, write_made_run
from flows.reporting import rebuild_report
from flows.settings import UsageError
from labels.codebook import load_codebook
from pipeline.records import FoundBlock, Skipped
from pipeline.report import collection, read_run, write
from tests.conftest import ROOT
from tests.flows.conftest import run

GARDEN = ROOT / "tests" / "flows" / "data" / "garden.yaml"
TEXT = "In this unit the students ask their families what they know of the marsh and bring it to class. "


def pages(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.html")}


def unit(title, year, many=12):
    return Made(title, [FoundBlock(f"{TEXT}Part {i}.") for i in range(many)], metadata={"year": year})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "run"
    write_made_run(folder, [unit("One", "2024"), unit("Two", "2025"), unit("Three", "2026")], by=["year"])
    return folder


def test_the_pages_of_the_tables_are_the_very_pages_of_the_run(samples_run, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(samples_run.out, copy)
    before = pages(copy)
    for page in copy.rglob("*.html"):
        page.unlink()
    others = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    ran = run("report", copy)
    assert ran.code == 0, ran.errors
    assert "report.html" in ran.said
    assert pages(copy) == before
    assert {p: p.read_bytes() for p in others} == others


def test_it_groups_by_another_column_and_compares_with_another_run(made, tmp_path):
    other = tmp_path / "earlier"
    write_made_run(other, [unit("One", "2024"), unit("Four", "2020")], strength=0.9)
    copy = tmp_path / "run"
    shutil.copytree(made, copy)
    html = rebuild_report(copy, by=["kind"], compare=other).read_text(encoding="utf-8")
    assert '<h2 id="by-1">By kind</h2>' in html
    assert "By year" not in html
    compared = html.split('id="compare"')[1].split("</section>")[0]
    assert "earlier" in compared
    assert "fewer in every 100" in compared
    assert "different models" not in compared


def test_groups_of_the_run_are_shown_unless_others_are_asked_for(made, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(made, copy)
    html = rebuild_report(copy).read_text(encoding="utf-8")
    assert all(f">{year}</th>" in html for year in ("2024", "2025", "2026"))
    assert "equity-frames report FOLDER --by" in rebuild_report(copy, by=[]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("prepare", "options", "said"),
    [
        (lambda folder: (folder / "run.json").unlink(), {}, "no finished run is here"),
        (lambda folder: (folder / "codebook.json").unlink(), {}, "codebook.json is missing"),
        (lambda folder: (folder / "passages.parquet").unlink(), {}, "passages.parquet is missing"),
        (lambda folder: (folder / "codebook.json").write_text("{}"), {}, "a table of the run cannot be read"),
        (lambda _: None, {"by": ["decade"]}, "--by decade: no document of the run has a column of that name"),
        (lambda _: None, {"compare": Path("nowhere")}, "nowhere: no finished run is here"),
    ],
)
def test_what_is_no_run_or_column_is_said(made, tmp_path, prepare, options, said):
    copy = tmp_path / "run"
    shutil.copytree(made, copy)
    prepare(copy)
    with pytest.raises(UsageError, match=said):
        rebuild_report(copy, **options)


def test_runs_of_different_codebooks_do_not_compare(made, tmp_path):
    write_made_run(tmp_path / "garden", [unit("One", "2024")], codebook=load_codebook(GARDEN))
    with pytest.raises(UsageError, match="different codebooks"):
        rebuild_report(tmp_path / "garden", compare=made)


def test_a_document_that_is_gone_takes_its_page_along_and_nothing_else(made, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(made, copy)
    mine = copy / "reports" / "notes.html"
    mine.write_text("my own notes", encoding="utf-8")
    stale = copy / "reports" / "0123456789abcdef.html"
    stale.write_text("of an earlier run", encoding="utf-8")
    rebuild_report(copy)
    assert mine.is_file()
    assert not stale.exists()


def test_what_a_run_was_made_of_comes_back_from_its_tables(tmp_path):
    skipped = [Skipped("=1+1.pdf", "-it holds nothing", "@Look at it"), Skipped("'b.pdf", "a, b\nc", "d")]
    heads = [FoundBlock("Part", "heading", 1), FoundBlock(TEXT, pages=(2, 3))]
    (coded,) = write_made_run(
        tmp_path / "run", [Made("A", heads, metadata={"year": "1", "verdict": "mine"})], skipped=skipped
    )
    again = read_run(tmp_path / "run")
    assert again.skipped == tuple(skipped)
    (document,) = again.documents
    assert again.passages.coded(document.id) == coded
    assert document.metadata == {"year": "1", "verdict": "mine"}
    assert again.codebook == load_codebook("nasem-2024")
    assert again.about["codebook"]["hash"] == again.codebook.hash


def test_of_very_many_groups_the_first_have_a_picture_and_all_have_numbers(tmp_path):
    documents = [unit(f"Unit {i}", f"{1990 + i}", many=24) for i in range(40)]
    write_made_run(tmp_path / "run", documents, by=["year"])
    html = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert html.count('<article class="multiple">') == write.MOST_PICTURES
    assert all(f'<th scope="row" dir="auto">{1990 + i}</th>' in html for i in range(40))
    assert "16 groups with too little text, or beyond the first two dozen" in html


def test_notes_of_a_document_are_told_of_in_the_collection_and_said_on_its_page(tmp_path):
    noted = Made("One", [FoundBlock(TEXT)], warnings=("2 passages in Spanish were not coded", "of the run"))
    write_made_run(tmp_path / "run", [noted, unit("Two", "2024")], notes=["of the run"])
    html = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert html.count("1 note on its page about how it was read") == 1
    pages_of = [p.read_text(encoding="utf-8") for p in (tmp_path / "run" / "reports").iterdir()]
    assert sum("2 passages in Spanish were not coded" in page for page in pages_of) == 1


def test_a_run_in_which_nothing_was_read_has_a_page_too(tmp_path):
    write_made_run(tmp_path / "run", [], skipped=[Skipped("a.pdf", "it is empty", "Check it")])
    html = rebuild_report(tmp_path / "run").read_text(encoding="utf-8")
    assert "No document could be read" in html
    assert "a.pdf" in html
    assert json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["counts"]["documents"] == 0


def test_a_hundred_documents_take_less_than_a_megabyte(tmp_path):
    write_made_run(tmp_path / "run", [unit(f"Unit {i}", str(2015 + i % 10)) for i in range(100)], by=["year"])
    assert (tmp_path / "run" / "report.html").stat().st_size < 1_000_000
    assert all(p.stat().st_size < 100_000 for p in (tmp_path / "run" / "reports").iterdir())


def test_documents_beyond_the_limit_are_counted_and_have_no_page(tmp_path, monkeypatch):
    for module in (collection, write):
        monkeypatch.setattr(module, "ROWS_UP_TO", 2)
    write_made_run(tmp_path / "run", [unit(f"Unit {i}", "2024") for i in range(5)], strength=0.9)
    html = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    pages_made = {p.name for p in (tmp_path / "run" / "reports").iterdir()}
    assert len(pages_made) == 2
    assert "3 more are in profiles.csv" in html
    assert set(re.findall(r'href="reports/([0-9a-f]+\.html)', html)) == pages_made
