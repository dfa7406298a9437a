"""A second run over a folder reads and codes what has changed, and writes what a first run would write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.made_collection import make_collection
from benchmarks.small_model import small_model
from flows import outputs, stages
from flows.settings import RunSettings
from labels.codebook import load_codebook
from pipeline.cache import FILE
from pipeline.contained import ReadingWorkers
from pipeline.read import read_file
from pipeline.report import write as pages
from tests.flows.conftest import run
from tests.flows.small_runs import contents, small_run

ADDED = "\nStudents plan a garden with the elders of the valley and say what the school should plant there.\n"


@pytest.fixture
def given(tmp_path):
    make_collection(tmp_path / "in", 100)
    return tmp_path / "in"


@pytest.fixture
def done(monkeypatch):
    """What is really read, coded and rendered."""
    done = {"read": [], "coded": [], "pages": []}
    code, render = stages.code_passages, pages.render_document

    def counted_read(_, files):
        for found, options in files:
            done["read"].append(found.path.name)
            yield read_file(found, options)

    def counted_code(passages, *more):
        done["coded"] += [p.text for p in passages]
        return code(passages, *more)

    def counted_render(run, document, *neighbours, **more):
        done["pages"].append(document.path.rsplit("/", 1)[-1])
        return render(run, document, *neighbours, **more)

    monkeypatch.setattr(ReadingWorkers, "read", counted_read)
    monkeypatch.setattr(stages, "code_passages", counted_code)
    monkeypatch.setattr(pages, "render_document", counted_render)
    return done


def clear(done):
    for said in done.values():
        said.clear()


def test_one_file_of_a_hundred_that_changed_is_the_only_one_read_and_coded(given, done, tmp_path):
    out, cache = tmp_path / "out", tmp_path / "cache"
    small_run(given, out, cache=cache)
    assert (len(done["read"]), len(done["pages"])) == (100, 100)
    first = contents(out)
    clear(done)
    small_run(given, out, cache=cache)
    assert done == {"read": [], "coded": [], "pages": []}
    assert contents(out) == first
    changed = given / "000042.md"
    changed.write_text(changed.read_text(encoding="utf-8") + ADDED, encoding="utf-8")
    small_run(given, out, cache=cache)
    assert done["read"] == ["000042.md"]
    assert done["coded"] == [ADDED.strip()]
    assert "000042.md" in done["pages"]
    assert len(done["pages"]) <= 5, "its own, and those that lead to it or led to it"
    small_run(given, tmp_path / "fresh")
    assert contents(out) == contents(tmp_path / "fresh")


def test_a_model_with_the_same_encoder_takes_the_embeddings_of_an_earlier_run(given, tmp_path):
    """As when a thorough scan follows a fast one."""
    book = load_codebook("nasem-2024")

    def scan(name, cache, review_from):
        model = small_model(book)
        files = {"encoder/model": "the same"}
        model = replace(model, head=replace(model.head, review_from=review_from), card={"files": files})
        settings = RunSettings(inputs=(given,), out=tmp_path / name, cache=cache)
        return stages.profile_documents(settings, book, lambda: (model, ())).passages, model.encoder.encoded

    scan("first", tmp_path / "cache", 0.9)
    _, after_it = scan("after", tmp_path / "cache", 0.5)
    passages, alone = scan("alone", None, 0.5)
    assert alone - after_it == passages, "what is left is the sentences that are tried as evidence"
    assert contents(tmp_path / "after") == contents(tmp_path / "alone")


def test_another_codebook_codes_anew_and_encodes_nothing(given, done, tmp_path):
    """A model made of a codebook is another when the codebook is, whatever else it has in common with the first."""
    encoded = []

    def scan(book):
        model = small_model(book)
        settings = RunSettings(inputs=(given,), out=tmp_path / "out", cache=tmp_path / "cache")
        stages.profile_documents(settings, book, lambda: (model, ()))
        encoded.append(model.encoder.encoded)

    book = load_codebook("nasem-2024")
    scan(book)
    coded = len(done["coded"])
    scan(book.model_copy(update={"version": "another"}))
    assert len(done["coded"]) == 2 * coded
    assert encoded[0] - encoded[1] == coded
    assert len(done["read"]) == 100, "nothing is read anew"


def test_files_that_come_and_go_leave_what_a_first_run_leaves(given, tmp_path):
    out, cache = tmp_path / "out", tmp_path / "cache"
    small_run(given, out, cache=cache, by=("kind",))
    (given / "000007.md").unlink()
    (given / "000008.md").rename(given / "renamed.md")
    make_collection(given, 3, first=500)
    (given / "twin.md").write_bytes((given / "000001.md").read_bytes())
    small_run(given, out, cache=cache, by=("kind",), seed=2)
    small_run(given, tmp_path / "fresh", by=("kind",), seed=2)
    assert contents(out) == contents(tmp_path / "fresh")


def test_a_damaged_cache_changes_no_output_and_is_told_of(given, tmp_path):
    out, cache = tmp_path / "out", tmp_path / "cache"
    small_run(given, out, cache=cache)
    first = contents(out)
    (cache / FILE).write_bytes(b"nonsense" * 10_000)
    outcome = small_run(given, out, cache=cache)
    assert any("was damaged and has been made anew" in remark for remark in outcome.remarks)
    assert contents(out) == first


def test_a_workbook_written_by_another_process_is_the_same(given, tmp_path, monkeypatch):
    small_run(given, tmp_path / "one")
    monkeypatch.setattr(outputs, "WORTH_A_PROCESS", 1)
    small_run(given, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_cache_is_shown_and_cleared(given, tmp_path, monkeypatch):
    monkeypatch.setenv("EQUITY_FRAMES_CACHE", str(tmp_path / "cache"))
    assert "nothing to throw away" in run("cache", "clear").said
    assert "no run has kept anything" in run("cache", "info").said
    small_run(given, tmp_path / "out", cache=tmp_path / "cache")
    said = run("cache", "info")
    assert said.code == 0, said.errors
    assert "files as they were read: 100" in said.said
    assert str(tmp_path / "cache") in "".join(said.said.split("\n"))
    cleared = run("cache", "clear")
    assert "MB thrown away" in cleared.said
    assert "read: 100" not in run("cache", "info").said
