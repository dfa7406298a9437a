from __future__ import annotations

import numpy as np
import pytest

from pipeline.change import Coded, changes, side
from pipeline.records import Share
from pipeline.wording import certainty, difference_range, difference_words

FRAMES = ("a", "b")


def coded(name, share, n, seed=0):
    p = np.clip(np.random.default_rng(seed).normal(share, 0.05, (n, 2)), 0, 1)
    return Coded(name, p, p.max(1), np.full(n, 20))


def test_a_change_is_the_difference_of_the_shares_within_its_interval():
    before, after = side(coded("x", 0.1, 200), seed=0), side(coded("y", 0.4, 200), seed=0)
    for change in changes(before, after, FRAMES):
        assert change.difference.value == pytest.approx(change.after - change.before)
        assert change.difference.low <= change.difference.value <= change.difference.high
        assert change.clear
        assert change.difference.low == pytest.approx(
            0.3 - 0.08, abs=0.04
        )  # two standard errors of about 0.04


def test_the_way_back_is_the_same_change_turned_round():
    one, two = side(coded("x", 0.2, 50), seed=3), side(coded("y", 0.3, 80), seed=3)
    for there, back in zip(changes(one, two, FRAMES), changes(two, one, FRAMES), strict=True):
        assert back.difference.value == pytest.approx(-there.difference.value)
        assert back.difference.low == pytest.approx(-there.difference.high)


def test_the_same_group_drawn_twice_shows_no_clear_change():
    same = coded("x", 0.3, 100)
    again = Coded("again", same.probabilities, same.any_frame, same.words)
    assert not any(c.clear for c in changes(side(same, seed=0), side(again, seed=0), FRAMES))


def test_the_draws_depend_on_seed_and_name_only():
    group = coded("x", 0.3, 30)
    assert (side(group, seed=1).draws == side(group, seed=1).draws).all()
    assert (side(group, seed=1).draws != side(group, seed=2).draws).any()


def test_a_group_without_passages_has_no_shares():
    empty = Coded("none", np.zeros((0, 2)), np.zeros(0), np.zeros(0, np.int64))
    assert side(empty, seed=0).shares.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("difference", "words", "between"),
    [
        (Share(0.06, 0.02, 0.1), "6 more in every 100", "from 2 more to 10 more"),
        (Share(-0.06, -0.1, -0.02), "6 fewer in every 100", "from 10 fewer to 2 fewer"),
        (Share(0.06, -0.02, 0.1), "no clear change", "from 2 fewer to 10 more"),
        (Share(0.0, 0.0, 0.0), "no clear change", "about the same"),
        (Share(-0.04, -0.07, -0.004), "4 fewer in every 100", "from 7 fewer to under 1 fewer"),
        (Share(0.006, 0.001, 0.009), "under 1 more in every 100", "from under 1 more to 1 more"),
    ],
)
def test_changes_in_words(difference, words, between):
    assert difference_words(difference) == words
    assert difference_range(difference) == between


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, "almost certain"), (0.9, "almost certain"), (0.89, "likely"), (0.66, "possible"), (0.34, "possible"),
     (0.33, "unlikely"), (0.1, "unlikely"), (0.09, "very unlikely"), (0.0, "very unlikely")],
)  # fmt: skip
def test_certainty_in_words(probability, words):
    assert certainty(probability) == words
