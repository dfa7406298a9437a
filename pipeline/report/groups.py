"""Groups of a run's documents: their profiles, and how they differ from each other or from another run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.change import Change, Coded, changes, side
from pipeline.frame_profile import TOO_LITTLE, profile_frames
from pipeline.records import Profile
from pipeline.report.run import Run, RunDocument, RunError

MOST_PAIRS_OF = 12  # groups whose every pair is laid out (66 tables in 8 KB); of more, the first and the last


@dataclass(frozen=True)
class Comparison:
    """Two groups, by their places in the list of names, and what changes from the first to the second."""

    before: int
    after: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Grouping:
    """The groups of one column, in the order of their values, and comparisons of pairs of them."""

    column: str
    profiles: tuple[Profile, ...]
    labels: tuple[str, ...]
    comparisons: tuple[Comparison, ...]


def group_by(run: Run, column: str) -> Grouping:
    """Group a run's documents by a column; RunError if no document has it.

    A profile that the run has made itself is taken from its tables.
    """
    if run.documents and column not in run.columns:
        raise RunError(
            f"--by {column}: no document of the run has a column of that name. "
            f"There are: {', '.join(sorted(run.columns))}."
        )
    members: dict[str, list[RunDocument]] = {}
    for document in run.documents:
        members.setdefault(document.value(column), []).append(document)
    made = {p.id: p for p in run.groups}
    profiles, sides, seed = [], [], seed_of(run)
    for value in sorted(members):
        key, coded = f"{column}={value}", coded_passages(members[value], run, f"{column}={value}")
        profiles.append(
            made.get(key)
            or profile_frames(
                coded.probabilities,
                coded.any_frame,
                coded.words,
                run.codebook.frame_ids,
                unit="group",
                id=key,
                name=f"{column}: {value or '(not given)'}",
                documents=len(members[value]),
                seed=seed,
            )
        )
        sides.append(side(coded, seed=seed))
    places = [i for i, p in enumerate(profiles) if p.verdict != TOO_LITTLE]
    pairs = list(combinations(places, 2)) if len(places) <= MOST_PAIRS_OF else [(places[0], places[-1])]
    frames = run.codebook.frame_ids
    comparisons = tuple(Comparison(i, j, changes(sides[i], sides[j], frames)) for i, j in pairs)
    return Grouping(
        column, tuple(profiles), tuple(value or "(not given)" for value in sorted(members)), comparisons
    )


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare two runs; RunError where they were coded with different codebooks or one has no passages."""
    if before.codebook.frame_ids != after.codebook.frame_ids:
        raise RunError(
            "The two runs were coded with different codebooks "
            f"({before.codebook.id} and {after.codebook.id}), so their frames cannot be compared. "
            "Profile both with the same --codebook."
        )
    if not (before.collection.passages and after.collection.passages):
        raise RunError("One of the two runs has no passages, so there is nothing to compare.")
    frames, seed = after.codebook.frame_ids, seed_of(after)
    first = side(coded_passages(before.documents, before, "before"), seed=seed)
    second = side(coded_passages(after.documents, after, "after"), seed=seed)
    return Comparison(0, 1, changes(first, second, frames))


def coded_passages(documents: Sequence[RunDocument], run: Run, name: str) -> Coded:
    """Put the codings of some documents into arrays."""
    passages = run.passages
    places = [passages.place(d.id) for d in documents]
    chosen = np.concatenate([np.arange(0), *(np.arange(p.start, p.stop) for p in places)])
    return Coded(name, passages.probabilities[chosen], passages.any_frame[chosen], passages.words[chosen])


def seed_of(run: Run) -> int:
    """The seed of the run's draws."""
    return int(run.about["settings"]["seed"])
