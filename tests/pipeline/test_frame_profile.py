from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline import frame_profile
from pipeline.frame_profile import profile_frames

FRAMES = ("a", "b", "c", "d")


def profile(probabilities, any_frame=None, words=None, frames=FRAMES, seed=0, name="x"):
    p = np.asarray(probabilities, float)
    any_frame = p.max(1, initial=0.0) if any_frame is None else np.asarray(any_frame, float)
    words = np.full(len(p), 80) if words is None else np.asarray(words)
    return profile_frames(p, any_frame, words, frames, unit="document", id=name, name=name, seed=seed)


def rows(n, *shares):
    """n passages of which the first frame is surely on in the first share of them, and so on in turn."""
    made = np.zeros((n, len(FRAMES)))
    start = 0
    for k, share in enumerate(shares):
        made[start : start + round(n * share), k] = 1.0
        start += round(n * share)
    return made


@pytest.mark.parametrize(
    ("probabilities", "verdict", "leading"),
    [
        (rows(100, 0.4, 0.1), "dominant", ("a",)),
        (rows(100, 0.3, 0.3), "shared", ("a", "b")),
        (rows(100, 0.2, 0.2, 0.2), "shared", ("a", "b", "c")),
        (rows(100, 0.2, 0.2, 0.2, 0.2), "mixed", ()),
        (rows(100), "no frame foregrounded", ()),
        (rows(100, 0.01), "no frame foregrounded", ()),
        (rows(7, 1.0), "too little text", ()),
    ],
)
def test_verdicts(probabilities, verdict, leading):
    made = profile(probabilities)
    assert (made.verdict, made.leading) == (verdict, leading)


def test_too_few_words_are_too_little_text_however_many_passages():
    assert profile(rows(20, 1.0), words=np.full(20, 19)).verdict == "too little text"
    assert profile(rows(20, 1.0), words=np.full(20, 20)).verdict == "dominant"


def test_shares_are_sums_of_probabilities_not_counts():
    made = profile(np.full((200, 4), 0.05), any_frame=np.full(200, 0.2))
    assert all(s.passages.value == pytest.approx(0.05) for s in made.frames)
    assert made.any_frame.value == pytest.approx(0.2)
    assert all(s.framed.value == pytest.approx(0.25) for s in made.frames)


def test_words_weigh_passages():
    made = profile([[1, 0, 0, 0], [0, 1, 0, 0]] * 10, words=[90, 10] * 10)
    assert made.frames[0].words.value == pytest.approx(0.9)
    assert made.frames[0].passages.value == pytest.approx(0.5)


def test_what_is_hardly_there_is_named():
    assert profile(rows(200, 0.4, 0.1)).not_foregrounded == ("c", "d")
    assert profile(rows(7, 1.0)).not_foregrounded == ()


@given(arrays(float, st.tuples(st.integers(0, 30), st.just(4)), elements=st.floats(0, 1)))
@settings(max_examples=25, deadline=None)
def test_the_estimate_lies_in_its_interval(probabilities):
    made = profile(probabilities)
    for share in [made.any_frame, *(s.passages for s in made.frames), *(s.words for s in made.frames)]:
        assert 0 <= share.low <= share.value <= share.high <= 1 + 1e-9


def test_the_same_seed_and_name_give_the_same_profile_whatever_else_is_profiled():
    p = np.random.default_rng(1).random((40, 4))
    first = profile(p, seed=3)
    profile(p[:10], seed=3, name="another")
    assert profile(p, seed=3) == first
    assert profile(p, seed=4) != first


def test_intervals_cover_the_share_that_replays_of_the_coding_give():
    """Nominal 90%: codings drawn from the very probabilities fall inside about nine times in ten."""
    rng = np.random.default_rng(5)
    inside = []
    for i in range(60):
        p = rng.beta(0.4, 2.0, (60, 4))
        made = profile(p, name=str(i))
        truth = (rng.random(p.shape) < p).mean(0)
        inside += [s.passages.low <= t <= s.passages.high for s, t in zip(made.frames, truth, strict=True)]
    assert np.mean(inside) >= 0.88


def test_the_fast_path_for_many_passages_gives_the_same_intervals(monkeypatch):
    rng = np.random.default_rng(2)
    p = rng.beta(0.3, 3.0, (3000, 4))
    any_frame, words = np.minimum(1, p.max(1) * 1.2), rng.integers(10, 130, 3000)
    slow = profile(p, any_frame, words)
    monkeypatch.setattr(frame_profile, "DIRECT", 10)
    fast = profile(p, any_frame, words)
    for one, other in zip(slow.frames, fast.frames, strict=True):
        for kind in ("passages", "words", "framed"):
            a, b = getattr(one, kind), getattr(other, kind)
            assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=0.006)
    assert slow.verdict == fast.verdict


@pytest.mark.parametrize(
    ("probabilities", "match"),
    [(np.zeros((3, 2)), "3 passages by 4 frames"), (np.full((3, 4), 1.2), "between 0 and 1")],
)
def test_wrong_arrays_are_refused(probabilities, match):
    with pytest.raises(ValueError, match=match):
        profile_frames(probabilities, np.zeros(3), np.ones(3, int), FRAMES, unit="document", id="x", name="x")
