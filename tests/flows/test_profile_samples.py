from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest
import python_calamine

from corpora.samples import samples_folder
from pipeline.ocr import find_engine
from pipeline.records import DOCUMENT_KINDS
from tests.flows.conftest import can_cut_the_network, run

TABLES = (
    "profiles.csv",
    "profiles.parquet",
    "passages.csv",
    "passages.parquet",
    "groups.csv",
    "groups.parquet",
)
EXPORTS = ("frames.xlsx", "project.qdpx", "codebook.qdc")


SCAN = "memo-laboratory-fees.pdf"
READS_SCANS = find_engine() is not None


def test_all_samples_are_profiled_and_the_scan_where_it_can_be_read(samples_run):
    assert samples_run.code == (0 if READS_SCANS else 3), samples_run.errors
    skipped = pd.read_csv(samples_run.out / "skipped.csv", encoding="utf-8-sig")
    assert [path.rsplit("/")[-1] for path in skipped.path] == ([] if READS_SCANS else [SCAN])
    assert "report.html" in samples_run.said


def test_without_text_recognition_the_scan_is_named_with_what_to_install(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in (SCAN, "newsletter-spring-2025.html"):
        shutil.copy(samples_folder() / name, folder)
    ran = run("profile", folder, out=tmp_path / "out", programs=str(tmp_path))
    assert ran.code == 3, ran.errors
    assert SCAN in ran.said
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv", encoding="utf-8-sig")
    assert len(skipped) == 1
    assert "scan" in skipped.reason[0]
    assert "install Tesseract" in skipped.what_to_do[0]


def test_the_scan_says_that_it_was_read_and_how_surely(samples_run):
    if not READS_SCANS:
        pytest.skip("no Tesseract with English data is installed")
    passages = pd.read_parquet(samples_run.out / "passages.parquet")
    scanned = passages.path.str.endswith(SCAN)
    assert passages.read_sureness[~scanned].isna().all()
    assert passages.read_sureness[scanned].between(0.8, 1).all()
    (document,) = set(passages.document_id[scanned])
    page = (samples_run.out / "reports" / f"{document}.html").read_text(encoding="utf-8")
    assert "Pages 1-2 are scans: their text was read by text recognition" in page
    assert page.count("Read from a scan (") == scanned.sum()
    profile = json.loads((samples_run.out / "profiles" / f"{document}.json").read_text(encoding="utf-8"))
    assert any("the reading may hold mistakes" in warning for warning in profile["warnings"])


def test_the_output_tree_is_the_designs(samples_run):
    made = {p.relative_to(samples_run.out).as_posix() for p in samples_run.out.rglob("*") if p.is_file()}
    profiles = {p for p in made if p.startswith("profiles/")}
    pages = {p for p in made if p.startswith("reports/")}
    assert made - profiles - pages == {
        *TABLES,
        "report.html",
        *EXPORTS,
        "skipped.csv",
        "codebook.json",
        "run.json",
        "data-dictionary.csv",
    }
    assert {p.removeprefix("reports/").removesuffix(".html") for p in pages} == {
        p.removeprefix("profiles/").removesuffix(".json") for p in profiles
    }
    files = {p.name for p in samples_folder().iterdir() if p.suffix != ".csv"}
    assert len(profiles) == len(files) - (not READS_SCANS) + 12  # the table has twelve rows


def test_one_row_a_document_and_frame_with_its_interval(samples_run, codebook):
    table = pd.read_parquet(samples_run.out / "profiles.parquet")
    assert (table.groupby("document_id").frame.agg(tuple) == codebook.frame_ids).all()
    assert (table.share_of_passages_low <= table.share_of_passages).all()
    assert (table.share_of_passages <= table.share_of_passages_high).all()
    assert set(table.kind) == {"curriculum", "policy", "program", "other"}
    assert set(pd.read_csv(samples_run.out / "profiles.csv", encoding="utf-8-sig").columns) == set(
        table.columns
    )


def test_groups_add_up_to_the_collection(samples_run):
    groups = pd.read_parquet(samples_run.out / "groups.parquet").drop_duplicates("id").set_index("id")
    assert set(groups.index) == {"collection", *(f"kind={kind}" for kind in DOCUMENT_KINDS)}
    for column in ("documents", "passages", "words"):
        assert groups.loc[groups.unit == "group", column].sum() == groups.loc["collection", column]


def test_different_frames_lead_in_the_samples_and_one_has_none(samples_run):
    table = pd.read_parquet(samples_run.out / "profiles.parquet")
    leading = {
        title: tuple(group.frame[group.leading])
        for title, group in table[table.passages >= 8].groupby("path")
    }
    led = {frames for frames in leading.values() if len(frames) == 1}
    assert len(led) >= 3, leading
    shares = table.drop_duplicates("path").set_index("path").any_frame
    facilities = next(path for path in leading if "facilities" in path)
    assert leading[facilities] == ()
    assert all(shares[facilities] < shares[path] for path, frames in leading.items() if frames)
    assert "manifest names" not in samples_run.said


def test_the_workbook_opens_with_every_sheet(samples_run):
    book = python_calamine.CalamineWorkbook.from_path(str(samples_run.out / "frames.xlsx"))
    assert book.sheet_names == ["documents", "passages", "codebook", "run"]
    passages = pd.read_parquet(samples_run.out / "passages.parquet")
    rows = book.get_sheet_by_name("passages").to_python()
    assert len(rows) == len(passages) + 1
    assert "Your code" in rows[0]
    assert [row[rows[0].index("Quote")] for row in rows[1:]] == passages.text.tolist()


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.loaded += [
            v for k, v in attrs if k in {"src", "srcset", "data"} or (tag == "link" and k == "href")
        ]


def test_the_report_is_one_page_that_answers_the_question_and_loads_nothing(samples_run, codebook):
    html = (samples_run.out / "report.html").read_text(encoding="utf-8")
    for page in (samples_run.out / "report.html", *(samples_run.out / "reports").iterdir()):
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        assert links.loaded == []
        assert "url(" not in page.read_text(encoding="utf-8").replace("url(#pat", "")  # a pattern of its own
    assert "Which equity frames are foregrounded here" in html
    assert all(frame.name in html for frame in codebook.frames)
    assert "memo-laboratory-fees.pdf" in html
    assert re.search(r"page \d+ ·", html)


def test_the_run_can_be_repeated_from_its_record(samples_run, codebook):
    record = json.loads((samples_run.out / "run.json").read_text(encoding="utf-8"))
    assert record["codebook"]["hash"] == codebook.hash
    assert len(record["model"]["hash"]) == 64
    assert record["settings"]["seed"] == 0
    assert record["counts"]["skipped"] == (not READS_SCANS)
    assert len(record["inputs"]) == record["counts"]["files"]
    assert all(len(digest) == 64 for digest in record["inputs"].values())


def test_the_same_run_without_a_network_gives_the_same_bytes(samples_run, tmp_path):
    if not can_cut_the_network():
        pytest.skip("this system cannot start a process without a network (unshare -rn)")
    arguments = ("--by", "kind", "--json", "--no-cache")
    again = run("profile", samples_folder(), *arguments, out=tmp_path / "out", offline=True)
    assert again.code == samples_run.code, again.errors
    outcome = json.loads(again.said)
    assert (outcome["exit_code"], len(outcome["skipped"])) == ((0, 0) if READS_SCANS else (3, 1))
    for name in (*TABLES, *EXPORTS, "skipped.csv", "data-dictionary.csv"):
        assert (again.out / name).read_bytes() == (samples_run.out / name).read_bytes(), name
    for path in (samples_run.out / "profiles").iterdir():
        assert (again.out / "profiles" / path.name).read_bytes() == path.read_bytes()


def test_the_data_dictionary_tells_of_every_column_written_and_no_other(samples_run):
    told = pd.read_csv(samples_run.out / "data-dictionary.csv", encoding="utf-8-sig", keep_default_na=False)
    written = {}
    for path in samples_run.out.glob("*.csv"):
        if path.name != "data-dictionary.csv":
            written[path.stem] = pd.read_csv(path, encoding="utf-8-sig").columns.tolist()
    assert written.keys() == {"passages", "profiles", "groups", "skipped"}
    assert told.groupby("table").column.agg(list).to_dict() == written
    assert told[told.meaning == ""].column.tolist() == []
    own = told[told.meaning.str.contains("your manifest")].column.tolist()
    assert own == ["school", "year", "program_id", "notice"]
    assert set(told.type) == {"text", "whole number", "number", "true or false"}
