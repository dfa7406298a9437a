"""The snippets of the documentation, run as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipeline.frame_profile import profile_frames
from pipeline.tables import profile_table
from pipeline.write import write_table
from tests.conftest import ROOT
from tests.pipeline.made_run import make_run


def snippet(language):
    text = (ROOT / "docs" / "reading-the-tables.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return code


@pytest.fixture
def folder(codebook, tmp_path):
    made = make_run(codebook)
    made.write_run(tmp_path / "out")
    ids = codebook.frame_ids
    profiles = []
    for document in made.documents:
        own = [
            (p, c) for p, c in zip(made.passages, made.codings, strict=True) if p.document_id == document.id
        ]
        probabilities = np.array([[c.probabilities[f] for f in ids] for _, c in own])
        any_frame, words = np.array([c.any_frame for _, c in own]), np.array([p.word_count for p, _ in own])
        profile = profile_frames(
            probabilities, any_frame, words, ids, unit="document", id=document.id, name=document.title
        )
        profiles.append(profile)
    documents = {d.id: d for d in made.documents}
    table = profile_table(profiles, {f.id: f.name for f in codebook.frames}, documents)
    write_table(table, tmp_path / "out" / "profiles")
    return tmp_path


def test_the_python_snippet_reads_the_tables(folder, codebook):
    done = subprocess.run(  # noqa: S603 - the documentation's own words
        [sys.executable, "-c", snippet("python")], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert codebook.frame_ids[0] in done.stdout


def test_the_r_snippet_reads_the_tables(folder, codebook):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed (Rscript)")
    count = '\ncat("rows", nrow(passages), nrow(coded), passages$text[1], "\\n")'
    (folder / "snippet.R").write_text(snippet("r") + count, encoding="utf-8")
    done = subprocess.run(  # noqa: S603
        [str(shutil.which("Rscript")), "--vanilla", "snippet.R"], cwd=folder, capture_output=True, text=True,
        timeout=60, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    passages = pd.read_parquet(folder / "out" / "passages.parquet")
    coded = passages.frames[passages.frames != ""].str.split("; ").map(len).sum()
    assert f"rows {len(passages)} {coded} {passages.text[0]}" in done.stdout
