"""How well codings agree with a gold standard, in the measures the field reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

ECE_BINS = 10
RESAMPLES = 1000
INTERVAL = 0.90  # the width of every interval the project reports


@dataclass(frozen=True)
class Coded:
    """Gold and model codings of the same ``n`` passages over ``k`` frames.

    ``gold`` and ``coded`` are booleans (n, k); ``probabilities`` are (n, k); the two primaries
    are frame numbers with -1 for none (n,); ``clusters`` names the document each passage is
    from (n,), the unit that is resampled for intervals.
    """

    gold: Bools
    coded: Bools
    probabilities: Floats
    gold_primary: NDArray[np.int64]
    coded_primary: NDArray[np.int64]
    clusters: NDArray[Any]

    @classmethod
    def of_sets(cls, gold: Bools, coded: Bools, probabilities: Floats, clusters: Sequence[Any]) -> Coded:
        """Codings of which only the sets of frames are known: no passage has a primary, on either side."""
        none = np.full(len(gold), -1)
        return cls(gold, coded, probabilities, none, none, np.asarray(clusters))

    def take(self, rows: NDArray[np.int64]) -> Coded:
        """Return the passages at ``rows``, repeats kept."""
        return Coded(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def nominal_alpha(first: Sequence[Any] | NDArray[Any], second: Sequence[Any] | NDArray[Any]) -> float:
    """Krippendorff's alpha for two coders, nominal data, nothing missing.

    1 is full agreement, 0 what chance gives. 1.0 where both coders used one same value only
    (nothing to disagree about). Source: Krippendorff, *Content Analysis*, 4th ed. (2019), ch. 12.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(f"Expected two codings of the same passages; got shapes {a.shape} and {b.shape}.")
    observed = float(np.mean(a != b))
    _, counts = np.unique(np.concatenate([a, b]), return_counts=True)
    values = counts.sum()
    expected = 1.0 - float((counts * (counts - 1)).sum()) / (values * (values - 1))
    return 1.0 if expected == 0 else 1.0 - observed / expected


def calibration_error(gold: Bools, probabilities: Floats, *, bins: int = ECE_BINS) -> float:
    """Expected calibration error of one frame: |share coded - mean probability| over equal-width bins.

    Weighted by the passages in each bin. Source: Naeini, Cooper and Hauskrecht (AAAI 2015).
    """
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=gold.astype(float) - probabilities, minlength=bins)
    return float(np.abs(gaps).sum() / max(1, len(gold)))


def macro_f1(coded: Coded) -> float:
    """Mean over frames of F1; a frame that is neither coded nor in the gold counts 0."""
    return float(np.mean(_f1(coded.gold, coded.coded)))


def frame_f1(coded: Coded, frame: int) -> float:
    """F1 of one frame, by its number."""
    return float(_f1(coded.gold[:, [frame]], coded.coded[:, [frame]])[0])


def micro_f1(coded: Coded) -> float:
    """F1 over all passage-frame decisions together."""
    return float(_f1(coded.gold.reshape(-1, 1), coded.coded.reshape(-1, 1))[0])


def any_frame_f1(coded: Coded) -> float:
    """F1 of "carries any frame at all"."""
    return float(_f1(coded.gold.any(1).reshape(-1, 1), coded.coded.any(1).reshape(-1, 1))[0])


def exact_match(coded: Coded) -> float:
    """Share of passages whose set of frames is the gold's."""
    return float((coded.gold == coded.coded).all(1).mean())


def primary_accuracy(coded: Coded) -> float:
    """Share of passages whose primary frame (or none) is the gold's."""
    return float((coded.gold_primary == coded.coded_primary).mean())


def mean_alpha(coded: Coded) -> float:
    """Mean over frames of Krippendorff's alpha, model against gold."""
    return float(np.mean([nominal_alpha(g, c) for g, c in zip(coded.gold.T, coded.coded.T, strict=True)]))


def brier(coded: Coded) -> float:
    """Mean squared difference of probability and gold, over all passage-frame decisions."""
    return float(((coded.probabilities - coded.gold) ** 2).mean())


def mean_calibration_error(coded: Coded) -> float:
    """Mean over frames of the expected calibration error."""
    return float(
        np.mean([calibration_error(g, p) for g, p in zip(coded.gold.T, coded.probabilities.T, strict=True)])
    )


def prevalence_mae(coded: Coded) -> float:
    """Mean over frames of |estimated - true| share of passages, the estimate being a mean probability."""
    return float(np.abs(coded.probabilities.mean(0) - coded.gold.mean(0)).mean())


MEASURES: dict[str, Callable[[Coded], float]] = {
    "macro_f1": macro_f1,
    "micro_f1": micro_f1,
    "exact_match": exact_match,
    "any_frame_f1": any_frame_f1,
    "primary_accuracy": primary_accuracy,
    "mean_alpha": mean_alpha,
    "brier": brier,
    "ece": mean_calibration_error,
    "prevalence_mae": prevalence_mae,
}


def measure(
    coded: Coded, frames: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Any]:
    """Compute every measure with its 90% interval, resampling whole documents.

    Returns plain numbers and dictionaries, ready for JSON: the measures of ``MEASURES``,
    ``per_frame``, ``alpha`` and ``intervals``.
    """
    if not len(coded.gold):
        raise ValueError("There is no passage to measure.")
    values = {name: function(coded) for name, function in MEASURES.items()}
    mean = values.pop("mean_alpha")
    result: dict[str, Any] = {"n": len(coded.gold), **values}
    result["per_frame"] = per_frame(coded, frames)
    result["alpha"] = {
        "mean": mean,
        "primary": nominal_alpha(coded.gold_primary, coded.coded_primary),
        **{
            frame: nominal_alpha(g, c)
            for frame, g, c in zip(frames, coded.gold.T, coded.coded.T, strict=True)
        },
    }
    result["intervals"] = bootstrap(coded, MEASURES, resamples=resamples, seed=seed)
    return result


def per_frame(coded: Coded, frames: Sequence[str]) -> dict[str, dict[str, float | int | None]]:
    """Precision, recall, F1, average precision, calibration error and support of each frame."""
    precision, recall, f1, support = precision_recall_fscore_support(
        coded.gold, coded.coded, average=None, zero_division=0
    )
    return {
        frame: {
            "precision": float(precision[k]),
            "recall": float(recall[k]),
            "f1": float(f1[k]),
            "average_precision": float(average_precision_score(coded.gold[:, k], coded.probabilities[:, k]))
            if support[k]
            else None,
            "ece": calibration_error(coded.gold[:, k], coded.probabilities[:, k]),
            "support": int(support[k]),
        }
        for k, frame in enumerate(frames)
    }


def bootstrap(
    coded: Coded, measures: Mapping[str, Callable[[Coded], float]], *, resamples: int, seed: int
) -> dict[str, list[float]]:
    """90% percentile intervals of ``measures``, drawing documents with replacement.

    Passages of one document resemble one another, so passages drawn singly would give
    intervals that are too narrow. Source: Efron and Tibshirani (1993), ch. 13.
    """
    rng = np.random.default_rng(seed)
    _, cluster = np.unique(coded.clusters, return_inverse=True)
    members = [np.flatnonzero(cluster == c) for c in range(cluster.max() + 1)]
    draws: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(resamples):
        chosen = rng.integers(len(members), size=len(members))
        sample = coded.take(np.concatenate([members[c] for c in chosen]))
        for name, function in measures.items():
            draws[name].append(function(sample))
    tail = 100 * (1 - INTERVAL) / 2
    return {name: [float(x) for x in np.percentile(d, [tail, 100 - tail])] for name, d in draws.items()}


def _f1(gold: Bools, coded: Bools) -> Floats:
    both = (gold & coded).sum(0)
    either = gold.sum(0) + coded.sum(0)
    return np.asarray(np.divide(2.0 * both, either, out=np.zeros(len(both)), where=either > 0), float)
