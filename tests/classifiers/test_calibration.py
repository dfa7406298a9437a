from __future__ import annotations

import numpy as np
import pytest

from classifiers.calibration import SHARE_TO_REVIEW, calibrate, choose_thresholds, make_head, risk_coverage
from classifiers.frame_model import decide, doubt
from classifiers.metrics import calibration_error


def drawn(n=6000, seed=0):
    """Labels drawn from known probabilities, and logits that overstate them threefold."""
    rng = np.random.default_rng(seed)
    true = rng.normal(-1.5, 2, (n, 2))
    labels = rng.random((n, 2)) < 1 / (1 + np.exp(-true))
    return 3 * true + 1, labels


def test_calibration_makes_boastful_scores_honest():
    logits, labels = drawn()
    slope, offset = calibrate(logits, labels)
    fresh, gold = drawn(seed=1)
    honest = 1 / (1 + np.exp(-(fresh * slope + offset)))
    boastful = 1 / (1 + np.exp(-fresh))
    for k in range(2):
        assert (
            calibration_error(gold[:, k], honest[:, k]) < 0.02 < calibration_error(gold[:, k], boastful[:, k])
        )


def test_calibration_never_turns_a_ranking_around():
    labels = np.array([[True], [False]] * 50)
    slope, offset = calibrate(np.where(labels, -2.0, 2.0), labels)
    assert slope[0] > 0
    assert 1 / (1 + np.exp(-offset[0])) == pytest.approx(0.5)


def test_thresholds_sit_where_f1_is_best_not_at_a_half():
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 4, (8000, 1))
    labels = rng.random(p.shape) < p
    threshold = choose_thresholds(p, labels)[0]

    def f1(t):
        said = p >= t
        return 2 * (said & labels).sum() / (said.sum() + labels.sum())

    assert threshold < 0.45
    assert f1(threshold) > f1(0.5)


def test_the_fifth_in_greatest_doubt_is_marked_and_is_wrong_more_often():
    logits, labels = drawn()
    both = np.column_stack([logits, logits.max(1)])
    head = make_head(np.zeros((3, 1)), np.zeros(3), both, labels)
    codings = head.decide(both)
    wrong = (codings.coded != labels).any(1)
    assert codings.needs_review.mean() == pytest.approx(SHARE_TO_REVIEW, abs=0.02)
    assert wrong[codings.needs_review].mean() > 2 * wrong[~codings.needs_review].mean()
    risk = risk_coverage(codings, head.thresholds, labels)["risk"]
    assert risk[0] < risk[-1]


def test_doubt_is_one_at_the_threshold_and_none_at_certainty():
    thresholds = np.array([0.4, 0.5])
    assert doubt(np.array([[0.4, 0.0]]), thresholds)[0] == pytest.approx(1)
    assert doubt(np.array([[0.0, 1.0]]), thresholds)[0] == pytest.approx(0)
    assert doubt(np.zeros((0, 2)), thresholds).shape == (0,)


def test_decisions():
    p = np.array([[0.45, 0.55], [0.1, 0.1], [0.9, 0.6]])
    codings = decide(p, np.array([0.2, 0.3, 0.95]), np.array([0.4, 0.6]), 1.0)
    assert codings.coded.tolist() == [[True, False], [False, False], [True, True]]
    assert codings.primary.tolist() == [0, -1, 0]
    assert codings.any_frame.tolist() == [0.55, 0.3, 0.95]


def test_deciding_about_nothing_gives_nothing():
    codings = decide(np.zeros((0, 2)), np.zeros(0), np.array([0.4, 0.6]), 1.0)
    assert codings.coded.shape == (0, 2)
    assert codings.primary.shape == (0,)
