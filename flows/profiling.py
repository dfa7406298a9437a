"""The stage that profiles: every document, the groups asked for, and the collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from classifiers.familiarity import FEWEST
from flows.work import Work
from pipeline.cache import key_of
from pipeline.frame_profile import Floats, profile_frames
from pipeline.reading import program_key
from pipeline.records import Document, Profile
from pipeline.store import Coded
from pipeline.stored import PROFILE

UNFAMILIAR = (
    "this document is unlike the curricula, policies and program descriptions the model was trained on; "
    "its codings may mean little, so read the passages themselves"
)
Numbers = tuple[Floats, Floats, Any]
_PUT_TOGETHER = 200  # profiles that go into the cache at once


def profile_all(work: Work) -> None:
    """Profile every document, the groups asked for, and the collection."""
    frames = work.codebook.frame_ids
    members: dict[tuple[str, str], list[Numbers]] = {}
    everything: list[Numbers] = []
    fresh: list[tuple[bytes, bytes]] = []
    work.profiles, work.others = [], []
    for document, coded in work.store.coded():
        numbers = _numbers(coded, frames)
        everything.append(numbers)
        for column in work.settings.by:
            members.setdefault((column, _group_value(document, column)), []).append(numbers)
        near = [c.familiar for _, c in coded]
        warnings = (*document.warnings, *unfamiliar(near, work.unfamiliar_below), *work.model_warnings)
        profile = _profile_document(work, document, numbers, fresh)
        work.profiles.append(replace(profile, warnings=warnings))
        if len(fresh) >= _PUT_TOGETHER:
            work.cache.put("profiles", fresh)
            fresh = []
    work.cache.put("profiles", fresh)
    for column, value in sorted(members, key=lambda m: (work.settings.by.index(m[0]), m[1])):
        name = f"{column}: {value or '(not given)'}"
        work.others.append(_profile(work, "group", f"{column}={value}", name, members[column, value]))
    whole = _profile(work, "collection", "collection", "All documents", everything)
    work.others.append(replace(whole, warnings=work.model_warnings))


def _profile_document(
    work: Work, document: Document, numbers: Numbers, fresh: list[tuple[bytes, bytes]]
) -> Profile:
    """Profile a document, or take its profile from the cache; a new one is added to ``fresh``."""
    about = "\n".join((document.id, document.title, str(work.settings.seed), *work.codebook.frame_ids))
    key = key_of("profile", program_key(), about, *(part.tobytes() for part in numbers))
    kept = work.cache.get([key]).get(key)
    if kept is not None:
        return PROFILE.validate_json(kept)
    profile = _profile(work, "document", document.id, document.title, [numbers])
    fresh.append((key, PROFILE.dump_json(profile)))
    return profile


def _profile(work: Work, unit: Any, key: str, name: str, members: Sequence[Numbers]) -> Profile:
    frames = work.codebook.frame_ids
    parts = zip(*(members or [_numbers([], frames)]), strict=True)
    probabilities, any_frame, words = (np.concatenate(part) for part in parts)
    return profile_frames(
        probabilities, any_frame, words, frames,
        unit=unit, id=key, name=name, documents=len(members), seed=work.settings.seed,
    )  # fmt: skip


def _numbers(coded: Coded, frames: Sequence[str]) -> Numbers:
    """A document's probabilities (n, k), any-frame probabilities (n,) and words (n,)."""
    return (
        np.array([[c.probabilities[f] for f in frames] for _, c in coded], float).reshape(-1, len(frames)),
        np.array([c.any_frame for _, c in coded], float),
        np.array([p.word_count for p, _ in coded], int),
    )


def unfamiliar(near: Sequence[float | None], below: float | None) -> tuple[str, ...]:
    """Warn of a document that is unlike all the model was trained on.

    ``near`` says how near each passage lies to the training passages (a cosine); a document is judged by
    the mean, from three passages on.
    """
    known = [n for n in near if n is not None]
    if below is None or len(known) < FEWEST or float(np.mean(known)) >= below:
        return ()
    return (UNFAMILIAR,)


def _group_value(document: Document, column: str) -> str:
    return document.metadata.get(column, document.kind if column == "kind" else "")
