"""What charts need: axes, places of bars, and the tints of frames on light and dark paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labels.codebook import Codebook, Frame
from pipeline.records import Profile, Share

PAPER, DARK_PAPER = "#FFFFFF", "#1B1B1B"  # frames' colours stand 3:1 or more on both
TINT, DARK_TINT = 0.11, 0.22  # how much of a frame's colour is in the tint behind text
# (end, step) of the axes a bar chart may have
_AXES = ((0.05, 0.01), (0.1, 0.02), (0.2, 0.05), (0.4, 0.1), (0.6, 0.2), (0.8, 0.2), (1.0, 0.25))


@dataclass(frozen=True)
class Drawn:
    """A frame as pages draw it: its number for classes and its tints."""

    frame: Frame
    number: int
    tint: str
    dark_tint: str


@dataclass(frozen=True)
class Bar:
    """One bar, in per cent of the axis: how long, and where its interval begins and ends."""

    frame: Drawn
    share: Share
    width: float
    low: float
    high: float


@dataclass(frozen=True)
class Chart:
    """Five bars, or as many as the codebook has frames, and the ticks (share, place in per cent)."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, float], ...]


def drawn_frames(codebook: Codebook) -> dict[str, Drawn]:
    """Number the frames and mix their tints."""
    return {
        f.id: Drawn(
            f,
            i,
            mixed(f.colour or PAPER, PAPER, TINT),
            mixed(f.colour or DARK_PAPER, DARK_PAPER, DARK_TINT),
        )
        for i, f in enumerate(codebook.frames, 1)
    }


def mixed(colour: str, paper: str, part: float) -> str:
    """Mix ``part`` of a colour into paper, both ``#rrggbb``."""
    channels = (
        round(int(colour[i : i + 2], 16) * part + int(paper[i : i + 2], 16) * (1 - part)) for i in (1, 3, 5)
    )
    return "#" + "".join(f"{c:02x}" for c in channels)


def axis_end(shares: Iterable[Share]) -> float:
    """Return the smallest axis that holds every interval."""
    top = max((s.high for s in shares), default=0.0)
    return next((end for end, _ in _AXES if top <= end), 1.0)


def chart(
    profile: Profile, drawn: Mapping[str, Drawn], *, framed: bool = False, end: float | None = None
) -> Chart:
    """Lay out a profile's bars, of all passages or (``framed``) of the passages with any frame."""
    shares: Sequence[tuple[str, Share]] = [
        (s.frame, s.framed if framed else s.passages) for s in profile.frames
    ]
    end = end or axis_end(s for _, s in shares)
    step = dict(_AXES)[end]
    return Chart(
        tuple(
            Bar(drawn[f], s, 100 * s.value / end, 100 * s.low / end, 100 * s.high / end) for f, s in shares
        ),
        tuple((step * i, 100 * step * i / end) for i in range(round(end / step) + 1)),
    )
