from __future__ import annotations

import pytest

from pipeline.records import FrameShare, Profile, Share
from pipeline.wording import answer, between, counted, listed, percent, verdict_words

NAMES = {"a": "Frame A", "b": "Frame B"}


def made(verdict, leading=(), absent=(), unit="collection", passages=100):
    share = Share(0.2, 0.1, 0.3)
    frames = tuple(FrameShare(f, share, share, share) for f in NAMES)
    return Profile(unit, "x", "X", 3, passages, 5000, share, frames, verdict, leading, absent)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "under 1%"),
        (0.004, "under 1%"),
        (0.009, "under 1%"),
        (0.01, "1%"),
        (0.456, "46%"),
        (0.997, "over 99%"),
        (1, "100%"),
    ],
)
def test_percent(value, words):
    assert percent(value) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (Share(0.2, 0.1, 0.3), "between 10% and 30%"),
        (Share(0.02, 0.001, 0.04), "up to 4%"),
        (Share(0.2, 0.198, 0.202), "about 20%"),
    ],
)
def test_between(share, words):
    assert between(share) == words


def test_lists_and_counts():
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert counted(1, "passage") == "1 passage"
    assert counted(1200, "passage") == "1,200 passages"


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (
            made("dominant", ("a",), ("b",)),
            ["Frame A is foregrounded most", "Hardly there or absent: Frame B."],
        ),
        (
            made("shared", ("a", "b")),
            ["Frame A (about 20% of passages) and Frame B", "neither stands clearly first"],
        ),
        (made("mixed"), ["No frame is clearly ahead"]),
        (made("no frame foregrounded"), ["no equity frame is foregrounded", "at most 30%"]),
        (made("too little text", passages=4), ["too little text", "4 passages"]),
        (made("too little text", passages=0), ["There was no passage to code."]),
    ],
)
def test_every_verdict_is_answered_in_sentences(profile, said):
    text = " ".join(answer(profile, NAMES))
    assert all(words in text for words in said)
    assert verdict_words(profile, NAMES)
