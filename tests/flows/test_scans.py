"""A copy on paper, scanned, says of itself what its original says."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from corpora.samples import samples_folder
from pipeline.ocr import find_engine
from tests.conftest import REAL
from tests.flows.conftest import run
from tests.pipeline.pdf_fixtures import rasterised

COPIES = (
    (samples_folder() / "policy-6142-course-access.pdf", {"dots": 200, "skew": 0.7, "noise": 12}),
    (REAL / "policies" / "Woodland_Joint_Unified_AR3514_1.pdf", {"dots": 250, "skew": -0.5, "noise": 8}),
)


@pytest.mark.skipif(find_engine() is None, reason="no Tesseract with English data is installed")
def test_a_raster_of_a_policy_gets_the_verdict_of_the_policy(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    names = [path.name for path, _ in COPIES if path.exists()]
    for path, how in COPIES:
        if path.exists():
            shutil.copy(path, folder)
            rasterised(path, folder / f"scan of {path.name}", **how)
    ran = run("profile", folder, "--kind", "policy", out=tmp_path / "out")
    assert ran.code == 0, ran.errors
    profiles = pd.read_parquet(tmp_path / "out" / "profiles.parquet")
    said = {
        path.rsplit("/")[-1]: (rows.verdict.iloc[0], tuple(rows.frame[rows.leading]))
        for path, rows in profiles.groupby("path")
    }
    assert not any(verdict.startswith("too little") for verdict, _ in said.values()), said
    assert {n: said[f"scan of {n}"] for n in names} == {n: said[n] for n in names}
    words = profiles.groupby(profiles.path.str.rsplit("/").str[-1]).words.first()
    assert all(abs(words[f"scan of {n}"] - words[n]) <= 0.05 * words[n] for n in names)
