"""How two groups of documents differ in each frame, with an interval for the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.frame_profile import Floats, draw_shares, seeded, shares_of
from pipeline.records import Share


@dataclass(frozen=True)
class Coded:
    """A group's passages as numbers: probabilities (n, k), any-frame probabilities (n,), words (n,)."""

    name: str
    probabilities: Floats
    any_frame: Floats
    words: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Change:
    """What one frame's share is in two groups, and the second less the first.

    ``before`` and ``after`` are shares; ``difference`` lies between -1 and 1.
    """

    frame: str
    before: float
    after: float
    difference: Share

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.difference.low > 0 or self.difference.high < 0


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its shares of all passages (k,) and their draws (d, k)."""

    shares: Floats
    draws: Floats


def side(group: Coded, *, seed: int) -> Side:
    """Draw a group's shares; the draws depend on the seed and the group's name only."""
    any_frame = np.maximum(group.any_frame, group.probabilities.max(1, initial=0.0))
    rng = seeded(seed, f"compared:{group.name}")
    return Side(
        group.probabilities.sum(0) / max(1, len(group.words)),
        draw_shares(group.probabilities, any_frame, group.words, rng=rng).passages,
    )


def changes(before: Side, after: Side, frames: Sequence[str]) -> tuple[Change, ...]:
    """Compare two groups frame by frame, in shares of all passages.

    The two are taken as independent. Where they share documents the interval is wider than it
    need be, never narrower.
    """
    differences = shares_of(after.shares - before.shares, after.draws - before.draws)
    return tuple(
        Change(frame, a, b, difference)
        for frame, a, b, difference in zip(
            frames, before.shares.tolist(), after.shares.tolist(), differences, strict=True
        )
    )
