from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.metrics import Coded, calibration_error, measure, nominal_alpha

codes = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40)


@given(codes)
def test_alpha_is_krippendorffs(pairs):
    first, second = map(list, zip(*pairs, strict=True))
    if len({*first, *second}) < 2:
        assert nominal_alpha(first, second) == 1.0
    else:
        expected = krippendorff.alpha([first, second], level_of_measurement="nominal")
        assert nominal_alpha(first, second) == pytest.approx(expected)


def test_alpha_of_two_codings_of_different_passages_is_refused():
    with pytest.raises(ValueError, match="same passages"):
        nominal_alpha([0, 1], [0])


def test_calibration_error_is_zero_for_honest_and_large_for_boastful_probabilities():
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    gold = rng.random(20_000) < p
    assert calibration_error(gold, p) < 0.02
    assert calibration_error(rng.random(20_000) < 0.1, np.full(20_000, 0.9)) == pytest.approx(0.8, abs=0.02)


def first_frame(codings):
    return np.where(codings.any(1), codings.argmax(1), -1)


def coded(gold, said, probabilities=None, clusters=None):
    gold, said = np.array(gold, bool), np.array(said, bool)
    return Coded(
        gold,
        said,
        said.astype(float) if probabilities is None else np.array(probabilities),
        first_frame(gold),
        first_frame(said),
        np.arange(len(gold)) if clusters is None else np.array(clusters),
    )


def test_a_perfect_coder_scores_one_everywhere():
    gold = [[1, 0], [0, 1], [0, 0], [1, 1]] * 5
    m = measure(coded(gold, gold), ["a", "b"], resamples=20)
    assert [m[k] for k in ("macro_f1", "micro_f1", "exact_match", "any_frame_f1", "primary_accuracy")] == [
        1
    ] * 5
    assert [m[k] for k in ("brier", "ece", "prevalence_mae")] == [0, 0, 0]
    assert m["alpha"] == {"mean": 1.0, "primary": 1.0, "a": 1.0, "b": 1.0}


def test_measures_by_hand():
    m = measure(
        coded([[1, 0], [1, 0], [0, 1], [0, 0]], [[1, 0], [0, 1], [0, 1], [0, 0]]), ["a", "b"], resamples=5
    )
    assert m["per_frame"]["a"]["precision"] == 1.0
    assert m["per_frame"]["a"]["recall"] == 0.5
    assert m["macro_f1"] == pytest.approx(2 / 3)
    assert m["exact_match"] == 0.75
    assert m["primary_accuracy"] == 0.75
    assert m["prevalence_mae"] == pytest.approx(0.25)
    assert (m["per_frame"]["a"]["support"], m["n"]) == (2, 4)


def test_an_always_none_coder_has_no_frame_right():
    m = measure(coded([[1, 0], [0, 0]], [[0, 0], [0, 0]]), ["a", "b"], resamples=5)
    assert m["macro_f1"] == 0
    assert m["per_frame"]["b"]["average_precision"] is None


def test_whole_documents_are_resampled():
    """Ten passages of one document are one draw: the interval is as wide as for ten single ones drawn together."""
    rng = np.random.default_rng(3)
    gold = rng.random((40, 1)) < 0.5
    said = gold ^ np.repeat([True, False, True, False], 10)[:, None]
    single = measure(coded(gold, said), ["a"], resamples=200)["intervals"]["exact_match"]
    whole = measure(coded(gold, said, clusters=np.repeat(range(4), 10)), ["a"], resamples=200)["intervals"][
        "exact_match"
    ]
    assert np.ptp(whole) > 1.5 * np.ptp(single)


def test_nothing_to_measure_is_said():
    with pytest.raises(ValueError, match="no passage"):
        measure(coded(np.zeros((0, 2)), np.zeros((0, 2))), ["a", "b"])
