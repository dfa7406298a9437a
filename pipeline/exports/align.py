"""Find one text's words in another that was read otherwise: other spaces, hyphens, line ends, lost lines."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

SEED = 12  # letters that must agree before a match begins; two words, roughly
_MOST_CANDIDATES = 60  # places tried for one seed: a running head stands on every page


@dataclass(frozen=True, slots=True)
class Letters:
    """A text's letters and figures, folded; ``places[i]`` is where letter ``i`` stands in the text."""

    folded: str
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Match:
    """``length`` letters from ``start`` of the one are those from ``found`` of the other."""

    start: int
    found: int
    length: int


def letters(text: str) -> Letters:
    """Return what two readings of the same words share: letters and figures without case and accents."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for bare in fold(character):
            folded.append(bare)
            places.append(place)
    return Letters("".join(folded), places)


def fold(character: str) -> str:
    """Return a character's letters and figures, folded: ``ﬁ`` gives ``fi``, ``é`` gives ``e``, a space nothing."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    apart = unicodedata.normalize("NFKD", character).casefold()
    return "".join(c for c in apart if c.isalnum())


class Haystack:
    """A text's letters with an index, so that many texts can be looked for in it."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self._seeds: dict[str, list[int]] = defaultdict(list)
        for at in range(len(folded) - SEED + 1):
            self._seeds[folded[at : at + SEED]].append(at)

    def align(self, needle: str, *, after: int = 0) -> list[Match]:
        """Return the longest runs of ``needle``'s letters, in its order; what has no counterpart is left out.

        Of equal places the first from ``after`` on is taken, so that a sentence that stands in a
        document twice is found where the search has got to.
        """
        if len(needle) < SEED:
            at = self.folded.find(needle, after)
            at = at if at >= 0 else self.folded.find(needle)
            return [Match(0, at, len(needle))] if needle and at >= 0 else []
        matches: list[Match] = []
        at, free, expected = 0, 0, after
        while at <= len(needle) - SEED:
            best = self._best(needle, at, expected)
            if best is None:
                at += 1
                continue
            back = 0  # the seed may have begun too late: take what agrees before it
            while (
                best.start - back > free
                and best.found > back
                and needle[best.start - back - 1] == self.folded[best.found - back - 1]
            ):
                back += 1
            best = Match(best.start - back, best.found - back, best.length + back)
            matches.append(best)
            at = free = best.start + best.length
            expected = best.found + best.length
        return matches

    def _best(self, needle: str, at: int, expected: int) -> Match | None:
        places = self._seeds.get(needle[at : at + SEED])
        if places is None:
            return None
        if len(places) > _MOST_CANDIDATES:
            places = sorted(places, key=lambda p: abs(p - expected))[:_MOST_CANDIDATES]
        best, reach = -1, 0
        for place in places:
            length = SEED
            end = min(len(needle) - at, len(self.folded) - place)
            while length < end and needle[at + length] == self.folded[place + length]:
                length += 1
            nearer = (place < expected, abs(place - expected)) < (best < expected, abs(best - expected))
            if length > reach or (length == reach and nearer):
                best, reach = place, length
        return Match(at, best, reach)


def covered(matches: Sequence[Match], needle: str) -> float:
    """Return the share of the needle's letters that were found."""
    return sum(m.length for m in matches) / max(len(needle), 1)
