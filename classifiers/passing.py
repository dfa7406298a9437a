"""Learn what a fast model may pass over, and say how much it would miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit
from sklearn.model_selection import GroupKFold

from classifiers.calibration import calibrate, with_any
from classifiers.cues import CueCounter
from classifiers.first_stage import FirstStage
from classifiers.head import LinearHead
from classifiers.terms import TermWeights
from classifiers.training import Examples

MOST_MISSED = 0.02  # of a frame's passages; the coders of the real passages disagree about more of them
# Of the regression on words. On the corpus 4 was as good (35% of the passages without a frame passed over, at 2%
# of the others missed); it was the board packet, looked at while building, of which 1 passed over more: 62% for 58%.
C = 1.0


@dataclass(frozen=True)
class Learnt:
    """A first stage, and what it would do to passages of genres it had not seen.

    ``passed`` (n,) says which of the judged examples it would pass over.
    """

    stage: FirstStage
    passed: NDArray[np.bool_]


def learn_first_stage(
    examples: Examples, cues: CueCounter, terms: TermWeights, *, folds: int = 3, seed: int = 0
) -> Learnt:
    """Learn the first stage from coded passages, and how far it may go from groups held out.

    It passes over as much as it can while at most 2% of the judged passages of each frame, and of any,
    are passed over by a first stage that never saw their group.
    """
    targets = with_any(examples.labels)
    said = csr_matrix(cues.transform(examples.texts))
    logits = np.zeros(targets.shape)
    splits = GroupKFold(n_splits=min(folds, len(set(examples.groups))))
    for seen, held_out in splits.split(targets, groups=np.asarray(examples.groups)):
        seen, held_out = seen[examples.weights[seen] > 0], held_out[examples.judged[held_out]]
        own = TermWeights(most=terms.most).fit([examples.texts[i] for i in seen])
        head = _fit(examples, targets, seen, said, own, seed)
        logits[held_out] = head.decision_function(_features(examples, held_out, said, own))
    logits, labels = logits[examples.judged], targets[examples.judged]
    slope, offset = calibrate(logits, labels)
    sure = expit(logits[:, -1] * slope[-1] + offset[-1])
    head = _fit(examples, targets, np.flatnonzero(examples.weights > 0), said, terms, seed)
    below = pass_below(sure, labels)
    stage = FirstStage(head.weight_.astype(np.float32), head.bias_, slope, offset, below)
    return Learnt(stage, sure < below)


def pass_below(sure: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Find the greatest threshold under which at most 2% of each output's passages fall.

    ``sure`` (n,) are probabilities of any frame, ``labels`` (n, k + 1) codings. An output with under 50
    passages may lose none: nothing is known of its rare ones.
    """
    lowest = [np.sort(sure[of])[int(MOST_MISSED * of.sum())] for of in labels.T if of.any()]
    return float(min(lowest, default=0.0))


def missed(passed: NDArray[np.bool_], coded: NDArray[np.bool_], frames: Sequence[str]) -> dict[str, Any]:
    """Say how many passages were passed over, and of those coded with a frame how many; shares and counts."""

    def share(of: NDArray[np.bool_]) -> dict[str, Any]:
        lost, among = int((passed & of).sum()), int(of.sum())
        return {"passed_over": lost, "of": among, "share": lost / among if among else 0.0}

    return {
        "passages": share(np.ones(len(passed), bool)),
        "framed": share(np.asarray(coded.any(1))),
        "per_frame": {frame: share(coded[:, k]) for k, frame in enumerate(frames)},
    }


def _fit(
    examples: Examples,
    targets: NDArray[np.bool_],
    rows: NDArray[np.int64],
    said: csr_matrix,
    terms: TermWeights,
    seed: int,
) -> LinearHead:
    counts = examples.weights[rows] / examples.weights[rows].mean()
    head = LinearHead(C=C, random_state=seed)
    return head.fit(_features(examples, rows, said, terms), targets[rows].astype(int), counts)


def _features(
    examples: Examples, rows: NDArray[np.int64], said: csr_matrix, terms: TermWeights
) -> csr_matrix:
    return csr_matrix(hstack([said[rows], terms.transform([examples.texts[i] for i in rows.tolist()])]))
