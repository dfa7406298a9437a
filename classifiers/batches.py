"""Batches of fixed shapes, so that no text's vector depends on the texts it is encoded with.

A kernel may add in another order when a batch has another shape, and the last bits of every row change with
it. Here a text's length alone decides the shape it is computed in: it is padded to a multiple of ``STEP``
tokens, and every batch has ``ROWS`` rows, the last one filled up. One thread computes a batch, and several
batches run side by side: neither the number of cores nor how busy they are changes a bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

# On one core with AMX, OpenVINO encoded 285 passages/s so; 8 rows gave 257, 2 rows 246, steps of 8 tokens 254.
ROWS = 4
STEP = 16

Array = NDArray[np.float32]
# Token ids and mask (rows, length) in; the texts' vectors (rows, dimension) out, or the tokens' if asked.
Run = Callable[[NDArray[np.int64], NDArray[np.int64], bool], Array]


def threads() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux: a container or a job queue may have lent us fewer than all
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    run: Run, ids: Sequence[Sequence[int]], *, padding: int, tokens: bool = False
) -> Iterator[tuple[list[int], Array]]:
    """Run every text's token ``ids`` in batches of fixed shapes, the longest first.

    Yields the numbers of a batch's texts and their vectors (n, dimension); with ``tokens`` their tokens'
    vectors (n, length, dimension), padding included.
    """
    batches = list(fixed_batches([len(i) for i in ids]))

    def one(batch: tuple[int, list[int]]) -> tuple[list[int], Array]:
        length, places = batch
        padded = np.full((ROWS, length), padding, np.int64)
        mask = np.zeros((ROWS, length), np.int64)
        mask[:, 0] = 1  # rows that only fill up see one token: attention to nothing is not a number
        for row, place in enumerate(places):
            padded[row, : len(ids[place])] = ids[place]
            mask[row, : len(ids[place])] = 1
        return places, run(padded, mask, tokens)[: len(places)]

    if threads() == 1 or len(batches) == 1:
        yield from map(one, batches)
        return
    with ThreadPoolExecutor(threads()) as pool:
        yield from pool.map(one, batches)


def fixed_batches(lengths: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield padded lengths with the numbers of up to ``ROWS`` texts each, the longest first."""
    alike: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        alike.setdefault(-(-length // STEP) * STEP, []).append(place)
    for length in sorted(alike, reverse=True):
        for first in range(0, len(alike[length]), ROWS):
            yield length, alike[length][first : first + ROWS]
