from __future__ import annotations

import re

import pandas as pd
import pytest

from pipeline.find import find_files
from pipeline.read import ReadOptions, Twins, read_file
from pipeline.records import Document
from pipeline.sentences import sentence_spans


@pytest.fixture(scope="module")
def documents(real, tmp_path_factory):
    found, _ = find_files([real / "policies", real / "documents"], tmp_path_factory.mktemp("zip"))
    results = [r for f in found for r in read_file(f, ReadOptions()).results]
    twins = Twins()
    documents = [twins.number(r) for r in results if isinstance(r, Document)]
    return {d.id: d for d in documents}


@pytest.fixture(scope="module")
def passages(real_run):
    return pd.read_parquet(real_run.out / "passages.parquet")


def test_every_real_file_is_read(real, real_run):
    assert real_run.code == 0, real_run.errors
    profiles = pd.read_parquet(real_run.out / "profiles.parquet")
    files = [p for folder in ("policies", "documents") for p in (real / folder).iterdir()]
    assert {p.split("#")[0].rsplit("/", 1)[-1] for p in profiles.path} == {p.name for p in files}
    assert profiles.document_id.nunique() == len(files) - 1 + 240
    assert profiles.path.str.contains("#").sum() == 240 * profiles.frame.nunique()


def test_every_profile_is_of_the_documents_own_passages(real_run, passages):
    profiles = pd.read_parquet(real_run.out / "profiles.parquet")
    counted = profiles.groupby("document_id").passages.first()
    own = passages.groupby("document_id").size().reindex(counted.index, fill_value=0)
    assert (counted == own).all()
    assert counted.sum() == len(passages)


def test_every_passage_is_where_it_says(documents, passages):
    assert set(passages.document_id) <= set(documents)
    for row in passages.itertuples():
        assert documents[row.document_id].text[row.start : row.end] == row.text


def test_pages_lie_within_the_policies(real, passages):
    import pypdfium2

    for path in sorted((real / "policies").glob("*.pdf")):
        pages = len(pypdfium2.PdfDocument(path))
        mine = passages[passages.path.str.endswith(path.name)]
        seen = {int(p) for cell in mine.pages for p in cell.split("; ")}
        assert seen <= set(range(1, pages + 1))
        assert len(seen) >= pages - 1  # a last page may hold legal references only


def test_running_heads_are_gone_and_no_passage_is_over_long(passages):
    policies = passages[passages.path.str.contains("policies/")]
    assert not policies.text.str.contains(r"\bPage \d+ of \d+\b|Board Policy Manual", regex=True).any()
    long = passages[passages.words > 130].text
    assert all(
        len(sentence_spans(text)) == 1 for text in long
    )  # a sentence is not cut while it fits the model
    assert passages.words.median() >= 15


def test_metadata_of_the_table_of_awards_is_kept(real_run):
    profiles = pd.read_csv(real_run.out / "profiles.csv", encoding="utf-8-sig", dtype=str)
    awards = profiles[profiles.path.str.contains("nsf_award_abstracts.csv#", regex=False)]
    assert awards.award_number.notna().all()
    assert {"organisation", "state", "directorate", "start_date"} <= set(awards.columns)


def test_the_report_quotes_no_sentence_twice_for_the_collection(real_run):
    html = (real_run.out / "report.html").read_text(encoding="utf-8")
    own_words = html.split('id="quotes"')[1].split('id="learn"')[0]
    quotes = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", own_words, re.DOTALL)
    assert len(quotes) >= 5
    for section in own_words.split("<h3>")[1:]:
        said = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", section, re.DOTALL)
        assert len(said) == len(set(said))
