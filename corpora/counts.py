"""Count what the training corpus holds: ``python -m corpora.counts``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.corpus import TrainingPassage, read_corpus


@dataclass(frozen=True)
class CorpusCounts:
    """What a corpus holds; ``frames`` counts the passages that carry each frame."""

    passages: int
    genres: dict[str, int]
    frames: dict[str, int]
    without_frame: int
    hard_without_frame: int
    several_frames: int
    pairs: int
    calls: dict[str, int]
    read_thrice: int
    readings_agree: float


def count(passages: Sequence[TrainingPassage]) -> CorpusCounts:
    """Count passages by genre, frame, close call and pair, and how often all readings agree."""
    pairs = Counter(p.pair for p in passages if p.pair)
    read = [p for p in passages if len(p.readings) >= 2]
    agree = sum(len({frozenset(r) for r in p.readings}) == 1 for p in read)
    return CorpusCounts(
        passages=len(passages),
        genres=dict(sorted(Counter(p.genre for p in passages).items())),
        frames=dict(Counter(f for p in passages for f in p.frames).most_common()),
        without_frame=sum(not p.frames for p in passages),
        hard_without_frame=sum(bool(p.hard) and not p.frames for p in passages),
        several_frames=sum(len(p.frames) > 1 for p in passages),
        pairs=sum(n == 2 for n in pairs.values()),
        calls=dict(sorted(Counter(p.call for p in passages if p.call).items())),
        read_thrice=sum(len(p.readings) >= 3 for p in passages),
        readings_agree=agree / len(read) if read else 0.0,
    )


def describe(counts: CorpusCounts) -> str:
    """Write the counts as lines for people."""
    lines = [
        (
            f"{counts.passages:,} passages; {counts.without_frame:,} without a frame, "
            f"{counts.hard_without_frame:,} of them hard; {counts.several_frames:,} with two frames or more; "
            f"{counts.pairs:,} contrast pairs"
        ),
        "by genre: " + ", ".join(f"{g} {n:,}" for g, n in counts.genres.items()),
        "by frame: " + ", ".join(f"{f} {n:,}" for f, n in counts.frames.items()),
        "by close call (+ the frame it is about, - the other side): "
        + ", ".join(f"{c} {n}" for c, n in counts.calls.items()),
        f"read by three coders: {counts.read_thrice:,}; all readings the same: {counts.readings_agree:.1%}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the counts of the shipped corpus, or of the folder named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.stdout.write(describe(count(read_corpus(folder))) + "\n")


if __name__ == "__main__":
    main()
