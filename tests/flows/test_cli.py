from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from corpora.samples import samples_folder
from flows.profiling import UNFAMILIAR
from labels.codebook import load_codebook
from tests.conftest import ROOT
from tests.flows.conftest import run

UNIT = samples_folder() / "unit-living-with-the-marsh.md"
DATA = ROOT / "tests" / "flows" / "data"
ELSEWHERE = ROOT / "tests" / "classifiers" / "data" / "elsewhere.json"
AWARD = ROOT / "tests" / "labels" / "data" / "stem-award.yaml"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["profile", "nowhere.pdf", "--out", "x"], "nowhere.pdf: nothing is there"),
        (["profile", UNIT], "--out"),
        (["profile", UNIT, "--out", "README.md"], "that is a file"),
        (["profile", UNIT, "--out", "pipeline"], "the folder holds other files"),
        (["profile", UNIT, "--out", "x", "--kind", "law"], "Invalid value"),
        (["profile", UNIT, "--out", "x", "--codebook", "nasem-2025"], "nasem-2025"),
        (["profile", UNIT, "--out", "x", "--model", "mine"], "no model was found"),
        (["report", "docs"], "docs: no finished run is here"),
        (["evaluate", "README.md"], "README.md, line 1"),
        (["codebook", "check", "README.md"], "README.md"),
        (["train", "--out", "x", "--corpus", "docs"], "docs: no .jsonl file is there"),
        (["nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(arguments, said):
    ran = run(*arguments)
    assert ran.code == 2
    assert said in " ".join((ran.errors + ran.said).split())
    assert "Traceback" not in ran.errors


def test_nothing_readable_is_exit_code_one_and_the_reasons_are_kept(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "in" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a document")
    ran = run("profile", tmp_path / "in", "--quiet", out=tmp_path / "out")
    assert ran.code == 1, ran.errors
    assert ran.said == ""
    assert len(pd.read_csv(tmp_path / "out" / "skipped.csv", encoding="utf-8-sig")) == 2
    assert "No document could be read" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_codebook_of_ones_own_gets_a_starter_model_and_a_warning(tmp_path):
    codebook = load_codebook(DATA / "garden.yaml")
    ran = run("profile", DATA / "gardens.md", "--codebook", DATA / "garden.yaml", out=tmp_path / "out")
    assert ran.code == 0, ran.errors
    passages = pd.read_parquet(tmp_path / "out" / "passages.parquet")
    ids = codebook.frame_ids
    assert [c for c in passages.columns if c.startswith("p_")] == [*(f"p_{f}" for f in ids), "p_any_frame"]
    surest = passages[[f"p_{f}" for f in ids]].to_numpy().argmax(1)
    assert [ids[i] for i in surest[:5]] == ["food", "food", "wildlife", "wildlife", "calm"]
    assert "starter model" in ran.said
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(frame.name in html for frame in codebook.frames)
    assert "Reducing gaps between groups" not in html


def test_a_codebook_with_too_few_examples_says_how_many_are_needed(tmp_path):
    ran = run("profile", UNIT, "--codebook", AWARD, out=tmp_path / "out")
    assert ran.code == 2
    assert "it needs 4 positive examples a frame" in " ".join(ran.errors.split())


def test_a_document_unlike_the_training_passages_is_profiled_with_a_warning(tmp_path):
    fields = json.loads(ELSEWHERE.read_text(encoding="utf-8"))
    for name in ("novel", "recipes"):
        (tmp_path / f"{name}.txt").write_text("\n\n".join(fields[name]), encoding="utf-8")
    ran = run("profile", tmp_path, UNIT, "--quiet", out=tmp_path / "out")
    assert ran.code == 0, ran.errors
    profiles = [
        json.loads(p.read_text(encoding="utf-8")) for p in (tmp_path / "out" / "profiles").glob("*.json")
    ]
    warned = {Path(p["document"]["path"]).name: UNFAMILIAR in p["warnings"] for p in profiles}
    assert warned == {"novel.txt": True, "recipes.txt": True, UNIT.name: False}


def test_a_group_column_that_is_nowhere_is_said(tmp_path):
    ran = run("profile", UNIT, "--by", "decade", out=tmp_path / "out")
    assert ran.code == 2
    assert "--by decade: no document has a column of that name" in " ".join(ran.errors.split())


def test_classify_codes_line_by_line_in_order():
    texts = [
        "Black students are underrepresented in AP physics; we will close that gap by 2027.",
        "The meeting was adjourned at nine o'clock in the evening by the chair.",
    ]
    given = "\n".join(json.dumps({"id": str(i), "text": t}) for i, t in enumerate(texts))
    ran = run("classify", given=given + "\n\n")
    assert ran.code == 0, ran.errors
    first, second = map(json.loads, ran.said.splitlines())
    assert (first["id"], first["primary"], second["id"], second["primary"]) == ("0", "gaps", "1", "none")
    assert first["evidence"][0]["sentence"] == texts[0]
    assert set(first["probabilities"]) == set(second["probabilities"])


def test_classify_names_the_line_that_is_wrong():
    ran = run("classify", given='{"id": 1, "text": "A line of words."}\n{"id": 2}\n')
    assert ran.code == 2
    assert "line 2: expected an object with id and text" in " ".join(ran.errors.split())
    assert len(ran.said.splitlines()) == 1


def test_codebook_show_and_check():
    shown = run("codebook", "show")
    assert shown.code == 0
    assert "Envisioning sustainable futures through STEM" in shown.said
    checked = run("codebook", "check", AWARD)
    assert checked.code == 0
    assert "It can be used" in checked.said


COMMANDS = (
    "profile", "report", "evaluate", "classify", "train", "codebook show", "codebook check", "import-codings",
    "annotate",
)  # fmt: skip


def test_every_command_and_option_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"equity-frames {command}" in readme, command
    for option in (
        "manifest",
        "text-column",
        "kind",
        "codebook",
        "model",
        "by",
        "compare",
        "seed",
        "quiet",
        "json",
        "recipe",
        "corpus",
        "run",
        "coder",
        "project",
    ):
        assert f"--{option}" in readme, option
