"""The whole command over hostile files."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.faults.hostile import make
from tests.faults.whole import SAMPLES
from tests.flows.conftest import run

# Much text, which takes minutes to code and is no less hostile for that.
TAKES_LONG = ("5000 pages", "one line of", "a quote that", "dots", "lines of", "stars", "a million")
READ = ("document_id", "passage_id", "id", "path", "title", "kind", "frame", "order", "start", "end", "pages", "text",
        "heading_path", "passages", "words", "word_count")  # fmt: skip


@pytest.mark.slow
def test_the_command_ends_and_the_good_ones_are_in_its_tables(samples_run, tmp_path):
    given = tmp_path / "in"
    for name in make(given):
        if name.startswith(TAKES_LONG):
            (given / name).unlink()
    ran = run("profile", SAMPLES, given, "--by", "kind", "--quiet", out=tmp_path / "out")
    assert ran.code == 3, ran.errors
    assert "Traceback" not in ran.errors
    for table, shares in (("profiles", "share_"), ("passages", "p_")):
        alone, among = (pd.read_parquet(out / f"{table}.parquet") for out in (samples_run.out, ran.out))
        among = among[among.document_id.isin(alone.document_id)].reset_index(drop=True)
        same = [c for c in alone.columns if c in READ or c.startswith(shares)]
        assert len(same) >= 7
        pd.testing.assert_frame_equal(among[same], alone[same], check_exact=True)
    skipped = pd.read_csv(ran.out / "skipped.csv", encoding="utf-8-sig")
    assert len(skipped) > 90
    assert skipped.notna().all().all()
