"""Accuracy is a ratchet: the model may not do worse on the real passages than the gate file says.

To set new floors after an improvement: ``python -m tests.test_accuracy_gate --set "reason"``. A floor may
sink only with ``--lower`` beside it; the reason is kept in the file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

GATE = Path(__file__).parent / "accuracy_gate.json"
HIGHER = ("macro_f1", "any_frame_f1", "primary_accuracy", "alpha_mean", "lowest_frame_f1")
LOWER = ("ece", "prevalence_mae", "share_mae")
SLACK = 0.01  # processors round differently: bfloat16 here, float32 there


def measured(real: Path) -> dict[str, float]:
    from flows.baselines import coder_for
    from flows.evaluate import evaluate
    from labels.codebook import load_codebook
    from labels.gold import read_gold

    book = load_codebook("nasem-2024")
    rows = read_gold(real / "passages.jsonl", book)
    metrics = evaluate(rows, coder_for(book, None)[0]([r.text for r in rows]), book)
    return {
        **{name: metrics[name] for name in (*HIGHER[:3], *LOWER[:2])},
        "alpha_mean": metrics["alpha"]["mean"],
        "lowest_frame_f1": min(frame["f1"] for frame in metrics["per_frame"].values()),
        "share_mae": metrics["documents"]["share_mae"],
    }


def fingerprint(real: Path) -> str:
    return hashlib.sha256((real / "passages.jsonl").read_bytes()).hexdigest()


def test_the_model_is_no_worse_than_the_gate(real):
    gate = json.loads(GATE.read_text(encoding="utf-8"))
    if gate["data"] != fingerprint(real):
        pytest.skip("the real passages are others than those the floors were measured on; set the gate anew")
    now = measured(real)
    worse = {
        name: (now[name], gate["floors"][name]) for name in HIGHER if now[name] < gate["floors"][name] - SLACK
    }
    worse |= {
        name: (now[name], gate["floors"][name]) for name in LOWER if now[name] > gate["floors"][name] + SLACK
    }
    assert worse == {}


def main(arguments: list[str]) -> None:
    from tests.conftest import REAL

    if "--set" not in arguments or not arguments[-1] or arguments[-1].startswith("--"):
        raise SystemExit('Say why: python -m tests.test_accuracy_gate --set [--lower] "reason"')
    now = {name: round(value, 4) for name, value in measured(REAL).items()}
    before = json.loads(GATE.read_text(encoding="utf-8")) if GATE.is_file() else {"floors": {}, "history": []}
    sunk = [n for n in HIGHER if now[n] < before["floors"].get(n, -1)]
    sunk += [n for n in LOWER if now[n] > before["floors"].get(n, 2)]
    if sunk and "--lower" not in arguments:
        raise SystemExit(f"These would get worse: {', '.join(sunk)}. Add --lower if that is meant.")
    history = [*before["history"], {"reason": arguments[-1], "floors": now}]
    gate = {"data": fingerprint(REAL), "floors": now, "history": history}
    GATE.write_text(json.dumps(gate, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
