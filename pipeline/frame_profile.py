"""Frame profiles: shares with intervals, and a verdict, from calibrated probabilities.

Shares are sums of calibrated probabilities, not counts of coded passages: at 5% true
prevalence a good classifier's counts double a rare frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.records import FrameShare, Profile, Share

Floats = NDArray[np.float64]

DRAWS = 1000
INTERVAL = 0.90
LEAD = 0.90  # a verdict stands where it holds in this share of the draws
ABSENT = 0.05  # a frame (or any frame) whose upper bound is under this is not foregrounded
MIN_PASSAGES = 8
MIN_WORDS = 400
CELLS_AT_ONCE = 500_000  # passages x draws in memory at once: 4 MB an array of them
DIRECT = 4000  # up to this many passages are drawn one by one; above, the sums are normal

DOMINANT, SHARED, MIXED = "dominant", "shared", "mixed"
NO_FRAME, TOO_LITTLE = "no frame foregrounded", "too little text"


@dataclass(frozen=True)
class Draws:
    """What ``DRAWS`` (d) replays of the coding gave: shares by frame (d, k) and of any frame (d,)."""

    passages: Floats
    words: Floats
    framed: Floats
    any_frame: Floats


def profile_frames(
    probabilities: Floats,
    any_frame: Floats,
    words: NDArray[np.int64],
    frames: Sequence[str],
    *,
    unit: Literal["document", "group", "collection"],
    id: str,  # noqa: A002 - the record's own field
    name: str,
    documents: int = 1,
    seed: int = 0,
    warnings: Sequence[str] = (),
) -> Profile:
    """Profile the passages of one document or group.

    ``probabilities`` (n passages, k frames) and ``any_frame`` (n,) are calibrated; ``words``
    (n,) counts each passage's words; ``frames`` names the k columns in codebook order. The
    seed of the draws depends on ``seed`` and ``id`` only, so a document's profile does not
    change with the company it is in.
    """
    check_shapes(probabilities, any_frame, words, frames)
    any_frame = np.maximum(any_frame, probabilities.max(1, initial=0.0))
    draws = draw_shares(probabilities, any_frame, words, rng=seeded(seed, id))
    total, n = max(1, int(words.sum())), max(1, len(words))
    values = np.concatenate(
        [
            probabilities.sum(0) / n,
            (probabilities * words[:, None]).sum(0) / total,
            probabilities.sum(0) / max(any_frame.sum(), 1e-12),
            [any_frame.sum() / n],
        ]
    )
    *of_frames, any_share = shares_of(
        values, np.column_stack([draws.passages, draws.words, draws.framed, draws.any_frame])
    )
    k = len(frames)
    shares = tuple(
        FrameShare(frame, *of_frame)
        for frame, of_frame in zip(
            frames, zip(of_frames[:k], of_frames[k : 2 * k], of_frames[2 * k :], strict=True), strict=True
        )
    )
    verdict, leading = judge(draws, frames, any_share, passages=len(words), words=int(words.sum()))
    return Profile(
        unit=unit,
        id=id,
        name=name,
        documents=documents,
        passages=len(words),
        words=int(words.sum()),
        any_frame=any_share,
        frames=shares,
        verdict=verdict,
        leading=leading,
        not_foregrounded=()
        if verdict == TOO_LITTLE
        else tuple(s.frame for s in shares if s.passages.high < ABSENT),
        warnings=tuple(warnings),
    )


def check_shapes(
    probabilities: Floats, any_frame: Floats, words: NDArray[np.int64], frames: Sequence[str]
) -> None:
    """Raise ValueError where the arrays do not belong together or hold no probabilities."""
    if probabilities.shape != (len(words), len(frames)) or any_frame.shape != words.shape:
        raise ValueError(
            f"Expected {len(words)} passages by {len(frames)} frames; got probabilities "
            f"{probabilities.shape} and any-frame probabilities {any_frame.shape}."
        )
    for values in (probabilities, any_frame):
        if len(words) and not ((values >= 0) & (values <= 1)).all():
            raise ValueError("Expected probabilities between 0 and 1.")


def draw_shares(
    probabilities: Floats, any_frame: Floats, words: NDArray[np.int64], *, rng: np.random.Generator
) -> Draws:
    """Replay coding and sampling: passages drawn with replacement, labels from their probabilities.

    In a draw a passage carries any frame with its any-frame probability and, if so, each frame
    with probability p / p_any, so that frames occur together as the any-frame output says.
    The draws are made one by one up to 4,000 passages. Above, the sums over passages are drawn
    from the normal distribution with the very mean and covariance those draws have (central
    limit theorem), which takes the same time for a million passages.
    """
    n, k = probabilities.shape
    if not n:
        zero = np.zeros((DRAWS, k))
        return Draws(zero, zero, zero, np.zeros(DRAWS))
    given = np.divide(
        probabilities, any_frame[:, None], out=np.zeros_like(probabilities), where=any_frame[:, None] > 0
    )
    sums = (_draw_one_by_one if n <= DIRECT else _draw_sums)(given, any_frame, words.astype(float), rng)
    labels, worded, anyone, weight = np.split(sums, [k, 2 * k, 2 * k + 1], axis=1)
    framed = np.divide(labels, anyone, out=np.zeros_like(labels), where=anyone > 0)
    return Draws(
        passages=np.clip(labels / n, 0, 1),
        words=np.clip(worded / np.maximum(weight, 1), 0, 1),
        framed=np.clip(framed, 0, 1),
        any_frame=np.clip(anyone[:, 0] / n, 0, 1),
    )


def _draw_one_by_one(given: Floats, any_frame: Floats, words: Floats, rng: np.random.Generator) -> Floats:
    """Sums a draw, columns: labels (k), labels by words (k), any (1), words (1)."""
    n, k = given.shape
    sums = np.empty((DRAWS, 2 * k + 2))
    at_once = max(1, CELLS_AT_ONCE // n)  # all draws of a short document in one go, 30 times as fast
    for first in range(0, DRAWS, at_once):
        part = sums[first : first + at_once]
        chosen = rng.integers(n, size=(len(part), n))
        carries = rng.random(chosen.shape) < any_frame[chosen]
        weight = words[chosen]
        for f in range(k):
            labels = (rng.random(chosen.shape) < given[:, f][chosen]) & carries
            part[:, f] = np.count_nonzero(labels, axis=1)
            part[:, k + f] = np.einsum("dn,dn->d", labels, weight)
        part[:, 2 * k] = np.count_nonzero(carries, axis=1)
        part[:, 2 * k + 1] = weight.sum(1)
    return sums


def _draw_sums(given: Floats, any_frame: Floats, words: Floats, rng: np.random.Generator) -> Floats:
    """The same sums from their normal limit: mean n*m, covariance n*(E[zz'] - mm')."""
    n, k = given.shape
    expected = given * any_frame[:, None]
    z = np.column_stack([expected, expected * words[:, None], any_frame, words])
    mean = z.mean(0)
    second = np.empty((2 * k + 2, 2 * k + 2))
    w1, w2 = words[:, None], words[:, None] ** 2
    pair = (given * any_frame[:, None]).T @ given / n  # both labels: p_any * g_a * g_b
    pair_w = (given * any_frame[:, None] * w1).T @ given / n
    pair_w2 = (given * any_frame[:, None] * w2).T @ given / n
    for matrix, weight in ((pair, 1.0), (pair_w, w1), (pair_w2, w2)):
        np.fill_diagonal(matrix, (expected * weight).mean(0))  # a label with itself
    second[:k, :k], second[:k, k : 2 * k], second[k : 2 * k, k : 2 * k] = pair, pair_w, pair_w2
    second[:k, 2 * k], second[k : 2 * k, 2 * k] = expected.mean(0), (expected * w1).mean(0)
    second[:k, 2 * k + 1], second[k : 2 * k, 2 * k + 1] = (expected * w1).mean(0), (expected * w2).mean(0)
    second[2 * k, 2 * k], second[2 * k, 2 * k + 1] = any_frame.mean(), (any_frame * words).mean()
    second[2 * k + 1, 2 * k + 1] = (words**2).mean()
    second = np.triu(second) + np.triu(second, 1).T
    return rng.multivariate_normal(n * mean, n * (second - np.outer(mean, mean)), size=DRAWS, method="eigh")


def judge(
    draws: Draws, frames: Sequence[str], any_share: Share, *, passages: int, words: int
) -> tuple[str, tuple[str, ...]]:
    """Say which frames lead, from the draws; the verdict and the leading frames in codebook order."""
    if passages < MIN_PASSAGES or words < MIN_WORDS:
        return TOO_LITTLE, ()
    if any_share.high < ABSENT:
        return NO_FRAME, ()
    ranked = np.sort(draws.passages, axis=1)[:, ::-1]
    for many in (1, 2, 3):
        if many >= len(frames):
            break  # all frames together always lead: that says nothing
        clear = ranked[:, many - 1] > ranked[:, many]  # a tie at the edge is no lead
        top = draws.passages >= ranked[:, [many - 1]]
        sets, counts = np.unique(np.packbits(top[clear], axis=1), axis=0, return_counts=True)
        if len(counts) and counts.max() >= LEAD * len(draws.passages):
            leads_most = np.unpackbits(sets[counts.argmax()], count=len(frames))
            leading = tuple(f for f, leads in zip(frames, leads_most, strict=True) if leads)
            return (DOMINANT if many == 1 else SHARED), leading
    return MIXED, ()


def shares_of(values: Floats, draws: Floats) -> list[Share]:
    """Put the intervals of the draws (d, m) around estimates (m,)."""
    tail = 100 * (1 - INTERVAL) / 2
    ends = np.percentile(draws, [tail, 100 - tail], axis=0).T
    return [
        Share(v, min(low, v), max(high, v))
        for v, (low, high) in zip(values.tolist(), ends.tolist(), strict=True)
    ]


def seeded(seed: int, name: str) -> np.random.Generator:
    """Return random numbers that depend on the seed and the name only."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
