"""Compare a model's codings with a gold standard, passage by passage and document by document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.frame_model import Codings
from classifiers.metrics import Coded, measure
from labels.codebook import Codebook
from labels.gold import GoldRow
from pipeline.frame_profile import profile_frames

WHOLE_DOCUMENTS = "documents"  # the set whose rows are whole documents, so that their shares mean something


def evaluate(
    rows: Sequence[GoldRow], codings: Codings, codebook: Codebook, *, seed: int = 0
) -> dict[str, Any]:
    """Compute the measures of ``metrics.json`` for codings of ``rows``, in their order.

    Whole documents (rows with ``set: documents``) add ``documents``: how often the frame with
    the largest share is the gold's, the mean error of the shares, and how often the 90%
    intervals hold the gold's share.
    """
    frames = codebook.frame_ids
    gold = np.array([[f in r.frames for f in frames] for r in rows], bool)
    coded = Coded(
        gold=gold,
        coded=codings.coded,
        probabilities=codings.probabilities,
        gold_primary=np.array([frames.index(r.primary) if r.primary else -1 for r in rows]),
        coded_primary=codings.primary,
        clusters=np.array([r.document or r.id for r in rows]),
    )
    metrics = measure(coded, frames, seed=seed)
    whole = np.array([r.set == WHOLE_DOCUMENTS and r.document is not None for r in rows])
    if whole.any():
        metrics["documents"] = evaluate_documents(rows, codings, gold, whole, codebook, seed=seed)
    metrics["share_marked_for_review"] = float(codings.needs_review.mean())
    wrong = (gold != codings.coded).any(1)
    metrics["errors_among_reviewed"] = _mean(wrong[codings.needs_review])
    metrics["errors_among_the_rest"] = _mean(wrong[~codings.needs_review])
    return metrics


def evaluate_documents(
    rows: Sequence[GoldRow],
    codings: Codings,
    gold: NDArray[np.bool_],
    whole: NDArray[np.bool_],
    codebook: Codebook,
    *,
    seed: int,
) -> dict[str, Any]:
    """Profile each whole document from the model's probabilities and hold it against the gold's shares."""
    frames = codebook.frame_ids
    names = np.array([r.document if keep else "" for r, keep in zip(rows, whole, strict=True)])
    right, errors, covered, table = [], [], [], {}
    for name in sorted(set(names[whole])):
        chosen = np.flatnonzero(names == name)
        words = np.array([len(rows[i].text.split()) for i in chosen.tolist()])
        profile = profile_frames(
            codings.probabilities[chosen],
            codings.any_frame[chosen],
            words,
            frames,
            unit="document",
            id=name,
            name=name,
            seed=seed,
        )
        truth = gold[chosen].mean(0)
        estimate = np.array([s.passages.value for s in profile.frames])
        inside = [
            s.passages.low - 1e-9 <= t <= s.passages.high + 1e-9
            for s, t in zip(profile.frames, truth, strict=True)
        ]
        leads = bool(truth[estimate.argmax()] == truth.max()) if truth.any() else bool(estimate.max() < 0.5)
        right.append(leads)
        errors.append(float(np.abs(estimate - truth).mean()))
        covered += inside
        table[name] = {
            "passages": len(chosen),
            "gold": {f: float(t) for f, t in zip(frames, truth, strict=True)},
            "estimate": {f: float(e) for f, e in zip(frames, estimate, strict=True)},
            "dominant_right": leads,
            "verdict": profile.verdict,
        }
    return {
        "n": len(right),
        "dominant_accuracy": float(np.mean(right)),
        "share_mae": float(np.mean(errors)),
        "interval_coverage": float(np.mean(covered)),
        "by_document": table,
    }


def _mean(values: NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None
