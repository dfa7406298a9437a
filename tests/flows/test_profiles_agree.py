"""A document's profile is of its own passages, also after a document that has none."""

from __future__ import annotations

import json

import pandas as pd

from tests.flows.small_runs import small_run

HOURS = "June 3 | 9:15 am - 10:15 am & 1:00 pm - 4:30 pm\n"  # nothing in it is a sentence
PROSE = (
    "Students measure the water of the river and compare what they find with earlier years.\n\n"
    "Families of the neighborhood take part and decide with teachers which questions are looked into.\n"
)


def test_a_document_without_passages_leaves_the_others_theirs(tmp_path):
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    texts = {"a": PROSE, "b": HOURS, "c": f"{PROSE}\nAnd a third thing is done in spring.\n"}
    for name, text in texts.items():
        (given / f"{name}.md").write_text(text, encoding="utf-8")
    outcome = small_run(given, out)
    profiles = [json.loads(p.read_text(encoding="utf-8")) for p in (out / "profiles").glob("*.json")]
    counted = {p["document"]["path"].rsplit("/", 1)[-1]: p["passages"] for p in profiles}
    passages = pd.read_parquet(out / "passages.parquet")
    own = passages.groupby(passages.path.str.rsplit("/", n=1).str[-1]).size().to_dict()
    assert counted["b.md"] == 0
    assert {name: n for name, n in counted.items() if n} == own
    assert set(own) == {"a.md", "c.md"}
    assert sum(own.values()) == outcome.passages
    assert (passages.passage_id.str.rsplit("-", n=1).str[0] == passages.document_id).all()
