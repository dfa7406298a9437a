from __future__ import annotations

import json

import numpy as np
import pytest

from classifiers.frame_model import decide
from flows.baselines import coder_for
from flows.evaluate import evaluate
from labels.gold import GoldRow, read_gold
from tests.flows.conftest import run

KEYS = {
    "n", "macro_f1", "micro_f1", "exact_match", "per_frame", "any_frame_f1", "primary_accuracy", "alpha",
    "brier", "ece", "prevalence_mae", "documents", "intervals",
}  # fmt: skip


@pytest.fixture(scope="module")
def compared(real, codebook):
    rows = read_gold(real / "passages.jsonl", codebook)
    texts = [r.text for r in rows]
    return {
        name: evaluate(rows, coder_for(codebook, name)[0](texts), codebook)
        for name in (None, "keyword", "tfidf", "none")
    }


@pytest.mark.parametrize("baseline", ["keyword", "tfidf", "none"])
def test_the_model_beats_the_baselines_on_real_passages(compared, baseline):
    assert compared[None]["macro_f1"] > compared[baseline]["macro_f1"]
    assert compared[None]["alpha"]["mean"] > compared[baseline]["alpha"]["mean"]
    assert compared[None]["brier"] < compared[baseline]["brier"]


def test_metrics_json_has_every_measure(real, tmp_path, codebook):
    ran = run("evaluate", real / "passages.jsonl", out=tmp_path / "m")
    assert ran.code == 0, ran.errors
    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text(encoding="utf-8"))
    assert set(metrics) >= KEYS
    assert set(metrics["per_frame"]) == set(codebook.frame_ids)
    assert set(metrics["per_frame"]["gaps"]) >= {"precision", "recall", "f1", "average_precision", "support"}
    assert set(metrics["documents"]) >= {"n", "dominant_accuracy", "share_mae", "interval_coverage"}
    assert metrics["documents"]["n"] == 12
    assert "Macro-F1" in ran.said


def rows_of(codebook, sets, document="d"):
    return [
        GoldRow(str(i), "Ten words stand here so that there is some text.", frames, frames[0] if frames else None,
                document, i, "documents")
        for i, frames in enumerate(sets)
    ]  # fmt: skip


def codings_of(gold, codebook):
    p = np.array([[f in r.frames for f in codebook.frame_ids] for r in gold], float)
    return decide(p, p.max(1), np.full(p.shape[1], 0.5), 1.0)


def test_documents_are_judged_by_their_shares(codebook):
    a, b = codebook.frame_ids[:2]
    gold = [*rows_of(codebook, [(a,), (a,), ()], "one"), *rows_of(codebook, [(b,), (), ()], "two")]
    perfect = evaluate(gold, codings_of(gold, codebook), codebook)["documents"]
    assert (perfect["n"], perfect["dominant_accuracy"], perfect["share_mae"]) == (2, 1.0, 0.0)
    assert perfect["interval_coverage"] == 1.0
    swapped = codings_of([*gold[3:], *gold[:3]], codebook)
    wrong = evaluate(gold, swapped, codebook)["documents"]
    assert wrong["dominant_accuracy"] == 0.0
    assert wrong["share_mae"] == pytest.approx((2 / 3 + 1 / 3) / len(codebook.frame_ids))


def test_a_document_without_frames_is_right_when_no_frame_is_seen(codebook):
    gold = rows_of(codebook, [(), ()])
    assert evaluate(gold, codings_of(gold, codebook), codebook)["documents"]["dominant_accuracy"] == 1.0


def test_rows_outside_whole_documents_make_no_documents(codebook):
    gold = [GoldRow("1", "Some words.", (), None)]
    assert "documents" not in evaluate(gold, codings_of(gold, codebook), codebook)
