"""Plain sentences for teachers and boards: what a profile says, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.frame_profile import DOMINANT, MIXED, NO_FRAME, SHARED, TOO_LITTLE
from pipeline.records import Profile, Share

NOWHERE = 0.0095  # what would round to 0%, or only just to 1%, is "under 1%": nothing reads as never

NEARLY_ALL = 0.995  # and what would round to 100% is "over 99%": nothing reads as certain


def percent(value: float) -> str:
    """Write a share as a whole per cent; small ones as "under 1%", so that nothing reads as never."""
    if NEARLY_ALL <= value < 1:
        return "over 99%"
    return "under 1%" if value < NOWHERE else f"{100 * value:.0f}%"


def between(share: Share) -> str:
    """Write an interval: "between 10% and 14%", or one bound where both read alike."""
    low, high = percent(share.low), percent(share.high)
    if low == high == "under 1%":
        return "up to 1%"
    if low == high:
        return f"about {high}"
    return f"up to {high}" if low == "under 1%" else f"between {low} and {high}"


def listed(items: Sequence[str]) -> str:
    """Join names as a sentence does: "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: "1 passage", "3,201 passages"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def verdict_words(profile: Profile, names: Mapping[str, str]) -> str:
    """Say a profile's verdict in a few words, frame names in full."""
    if profile.verdict == DOMINANT:
        return f"{names[profile.leading[0]]} leads"
    if profile.verdict == SHARED:
        return f"{listed([names[f] for f in profile.leading])} lead together"
    if profile.verdict == MIXED:
        return "Several frames, none clearly ahead"
    if profile.verdict == NO_FRAME:
        return "No frame is foregrounded"
    return "Too little text to say"


def answer(profile: Profile, names: Mapping[str, str]) -> list[str]:
    """Answer the reflection question in two or three sentences.

    Which frames are foregrounded, how surely, and which are hardly there.
    """
    about = counted(profile.passages, "passage") + (
        " of this document" if profile.unit == "document" else f" in {counted(profile.documents, 'document')}"
    )
    shares = {s.frame: s for s in profile.frames}
    if not profile.passages:
        return ["There was no passage to code."]
    if profile.verdict == NO_FRAME:
        most = percent(profile.any_frame.high)
        return [
            f"In the {about}, no equity frame is foregrounded: at most {most} of passages carry any frame at all."
        ]
    if profile.verdict == TOO_LITTLE:
        size = f"{counted(profile.passages, 'passage')} with {counted(profile.words, 'word')}"
        return [f"There is too little text to say which frames lead: {size}. The quotes show what was found."]
    carried = profile.any_frame
    some = f"About {percent(carried.value)} of the {about} foreground a frame ({between(carried)})."
    if profile.verdict == DOMINANT:
        lead = profile.leading[0]
        share = shares[lead].passages
        most = f"{names[lead]} is foregrounded most: in about {percent(share.value)} of passages ({between(share)})."
        said = [most, some]
    elif profile.verdict == SHARED:
        parts = [
            f"{names[f]} (about {percent(shares[f].passages.value)} of passages)" for f in profile.leading
        ]
        none = "neither" if len(parts) == 2 else "none"
        said = [f"{listed(parts)} are foregrounded most, and {none} stands clearly first.", some]
    else:
        first = max(profile.frames, key=lambda s: s.passages.value)
        often = f"(about {percent(first.passages.value)} of passages)"
        ahead = f"No frame is clearly ahead: {names[first.frame]} comes up most {often}"
        said = [some, f"{ahead}, but not by enough to be sure."]
    if profile.not_foregrounded:
        said.append(f"Hardly there or absent: {listed([names[f] for f in profile.not_foregrounded])}.")
    return said


# How probable is called what. A frame is coded from about four in ten on, so none that is coded
# reads as unlikely.
_CERTAINTY = (
    (0.90, "almost certain"),
    (2 / 3, "likely"),
    (1 / 3, "possible"),
    (0.10, "unlikely"),
    (0.0, "very unlikely"),
)


def certainty(probability: float) -> str:
    """Say a probability in words: "almost certain" from 90%, "likely" from two thirds, and so on."""
    return next((words for least, words in _CERTAINTY if probability >= least), _CERTAINTY[-1][1])


def difference_words(difference: Share) -> str:
    """Say a change of a share: "6 more in 100", and whether the interval leaves out no change."""
    if difference.low <= 0 <= difference.high:
        return "no clear change"
    points = 100 * abs(difference.value)
    amount = "under 1" if points < 100 * NOWHERE else f"{points:.0f}"
    return f"{amount} {'more' if difference.value > 0 else 'fewer'} in every 100"


def difference_range(difference: Share) -> str:
    """Write the interval of a change, in passages of a hundred: "from 2 fewer to 4 more"."""

    def side(value: float) -> str:
        points = round(100 * abs(value)) or ("under 1" if value else 0)
        return f"{points} {'more' if value > 0 else 'fewer'}" if points else "the same"

    low, high = side(difference.low), side(difference.high)
    return f"from {low} to {high}" if low != high else f"about {low}"
