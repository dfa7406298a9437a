"""From raw scores on held-out passages to probabilities, thresholds and a review rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers.frame_model import Codings, Head, doubt

SHARE_TO_REVIEW = 0.2  # a reviewer's day holds a fifth of the passages; the riskiest fifth is flagged
THRESHOLD_GRID = np.linspace(0.15, 0.65, 51)  # outside it a threshold is a sign of bad calibration
SMALL = 1e-9


def calibrate(
    logits: NDArray[np.float64], labels: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit Platt scaling on held-out logits (n, k) and labels (n, k); slopes (k,) and offsets (k,).

    Two numbers a frame: isotonic steps would overfit the few hundred positives a frame has.
    The slope is kept positive, so that calibration never turns a frame's ranking around.
    Source: Platt (1999), with the regularisation scikit-learn's LogisticRegression gives at C=1e3.
    """
    slopes, offsets = np.ones(labels.shape[1]), np.zeros(labels.shape[1])
    for k in range(labels.shape[1]):
        if labels[:, k].all() or not labels[:, k].any():
            continue
        fitted = LogisticRegression(C=1e3).fit(logits[:, [k]], labels[:, k])
        if fitted.coef_[0, 0] > 0:
            slopes[k], offsets[k] = fitted.coef_[0, 0], fitted.intercept_[0]
        else:
            offsets[k] = np.log(labels[:, k].mean() / (1 - labels[:, k].mean()))
            slopes[k] = SMALL
    return slopes, offsets


def choose_thresholds(probabilities: NDArray[np.float64], labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Choose the probability from which each frame is coded, on held-out passages; (k,).

    Halfway between two costs: the threshold of best F1 (a missed frame and an invented one weigh
    alike, at the corpus's own prevalence) and 0.5 (fewest errors, whatever the prevalence), because
    nobody knows how common a frame is in the documents to come. The F1 curve is averaged over
    neighbouring thresholds (+-0.03) so that no single passage decides.
    """
    chosen = np.full(labels.shape[1], 0.5)
    for k in range(labels.shape[1]):
        if not labels[:, k].any():
            continue
        coded = probabilities[:, [k]] >= THRESHOLD_GRID
        both = (coded & labels[:, [k]]).sum(0)
        f1 = 2 * both / (coded.sum(0) + labels[:, k].sum())
        smooth = np.convolve(np.pad(f1, 3, mode="edge"), np.ones(7) / 7, mode="valid")
        chosen[k] = (THRESHOLD_GRID[int(smooth.argmax())] + 0.5) / 2
    return chosen


def choose_review(probabilities: NDArray[np.float64], thresholds: NDArray[np.float64]) -> float:
    """Choose the doubt from which a passage needs review: the fifth in greatest doubt, held out."""
    return float(np.quantile(doubt(probabilities, thresholds), 1 - SHARE_TO_REVIEW))


def risk_coverage(
    codings: Codings, thresholds: NDArray[np.float64], labels: NDArray[np.bool_]
) -> dict[str, list[float]]:
    """Error rate (not the same set of frames as ``labels``) among the surest share of passages, by tenths."""
    order = np.argsort(doubt(codings.probabilities, thresholds), kind="stable")
    wrong = (codings.coded != labels).any(1)[order]
    coverage = [round(x / 10, 1) for x in range(1, 11)]
    return {
        "coverage": coverage,
        "risk": [float(wrong[: max(1, int(len(wrong) * c))].mean()) for c in coverage],
    }


def with_any(labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Append the column "any frame" to codings (n, k)."""
    return np.column_stack([labels, labels.any(1)])


def make_head(
    weight: NDArray[np.float64],
    bias: NDArray[np.float64],
    held_out_logits: NDArray[np.float64],
    labels: NDArray[np.bool_],
) -> Head:
    """Put a head together from trained weights (k + 1, dimension) and held-out logits (n, k + 1).

    ``labels`` (n, k) are the codings of the held-out passages.
    """
    slope, offset = calibrate(held_out_logits, with_any(labels))
    unset = Head(weight, bias, slope, offset, np.full(labels.shape[1], 0.5), 1.0)
    probabilities = unset.probabilities(held_out_logits)[:, :-1]
    thresholds = choose_thresholds(probabilities, labels)
    return replace(unset, thresholds=thresholds, review_from=choose_review(probabilities, thresholds))
