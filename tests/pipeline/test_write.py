from __future__ import annotations

import pandas as pd
import pytest

from pipeline.write import Column, Table, whole_file, write_csv, write_json, write_table


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old", encoding="utf-8")

    def fail():
        with whole_file(path) as part:
            part.write_text("half", encoding="utf-8")
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        fail()
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_cells_that_look_like_formulas_are_text_in_the_csv(tmp_path, cell):
    write_csv(pd.DataFrame({"text": [cell, "1 = 1"]}), tmp_path / "t.csv")
    assert list(pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig")["text"]) == ["'" + cell, "1 = 1"]


def test_parquet_keeps_the_very_text(tmp_path):
    rows = [("=1+1", 1), ("é\u200b", 2)]
    write_table(Table((Column("text"), Column("n", "whole number")), rows), tmp_path / "t")
    read = pd.read_parquet(tmp_path / "t.parquet")
    assert [*zip(read.text, read.n, strict=True)] == rows


def test_the_same_table_twice_gives_the_same_bytes(tmp_path):
    columns = (Column("text"), Column("p", "number"), Column("yes", "true or false"))
    for name in ("one", "two"):
        rows = iter([("a", 0.25, True), ("b", 1 / 3, False)])
        write_table(Table(columns, rows), tmp_path / name)
        write_json({"a": 1}, tmp_path / f"{name}.json")
    for suffix in ("csv", "parquet", "json"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
