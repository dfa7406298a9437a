"""What would make a valid codebook better: hints, never errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from labels.loading import load_codebook
from labels.records import Codebook, Frame

# Share of words two definitions have in common (Jaccard). The closest two of the shipped codebook
# share 0.16; two definitions that differ in one word of ten share 0.8.
SIMILAR = 0.6
FEW_KEYWORDS = 5  # fewer find too little for the keyword baseline to be a fair comparison
SHORT_DEFINITION = 8  # words; below this a definition repeats the name


def check_codebook(path: str | Path) -> list[str]:
    """Return hints on a codebook that loads, in the order of its frames; none where all is well.

    Raises CodebookError where it does not load.
    """
    codebook = load_codebook(path)
    return [*_on_the_whole(codebook), *(hint for frame in codebook.frames for hint in _on_frame(frame))]


def _on_frame(frame: Frame) -> Iterator[str]:
    if len(frame.definition.split()) < SHORT_DEFINITION:
        yield f"{frame.id}: the definition is under {SHORT_DEFINITION} words. Say what the frame claims."
    if not (frame.problem or frame.action or frame.success):
        yield f"{frame.id}: no problem, action or success. One of each tells coders what to look for."
    if not frame.examples.positive:
        yield f"{frame.id}: no positive examples. Two or three passages show coders what you mean."
    if not frame.examples.near_miss:
        yield f"{frame.id}: no near misses. Passages that only look like the frame sharpen it most."
    if not frame.keywords:
        yield f"{frame.id}: no keywords. The keyword baseline cannot find the frame."
    elif len(frame.keywords) < FEW_KEYWORDS:
        yield f"{frame.id}: {len(frame.keywords)} keywords. The keyword baseline finds little with so few."
    both = {e.text for e in frame.examples.positive} & {e.text for e in frame.examples.near_miss}
    for text in sorted(both):
        yield f"{frame.id}: the same passage is a positive example and a near miss: “{text[:60]}”."
    if frame.resource is None:
        yield f"{frame.id}: no resource. Reports cannot say where to learn more."


def _on_the_whole(codebook: Codebook) -> Iterator[str]:
    if not codebook.sources:
        yield "codebook: no sources. Readers cannot see where the frames come from."
    if not codebook.close_calls:
        yield "codebook: no close calls. Write down the decisions your coders argued about."
    for one, other in combinations(codebook.frames, 2):
        if _in_common(one.definition, other.definition) >= SIMILAR:
            yield f"{one.id} and {other.id}: the definitions are nearly the same. Say what tells them apart."
        if one.name.casefold() == other.name.casefold():
            yield f"{one.id} and {other.id}: both are called {one.name!r}. Reports would show them alike."
        if (one.colour, one.pattern) == (other.colour, other.pattern):
            yield f"{one.id} and {other.id}: same colour and pattern. Charts would show them alike."
        shared = sorted({k.casefold() for k in one.keywords} & {k.casefold() for k in other.keywords})
        if shared:
            yield f"{one.id} and {other.id}: both have the keyword {shared[0]!r}. It tells neither apart."


def _in_common(one: str, other: str) -> float:
    a, b = (set(re.findall(r"\w+", text.casefold())) for text in (one, other))
    return len(a & b) / len(a | b) if a | b else 1.0
