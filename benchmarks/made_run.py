"""Write a whole run without a model: invented documents with drawn probabilities.

For benchmarks of what comes after coding, and for tests that need documents no folder holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from flows.outputs import Finished, write_run
from flows.settings import RunSettings
from labels.codebook import Codebook, load_codebook
from pipeline.assemble import assemble
from pipeline.frame_profile import profile_frames
from pipeline.records import Coding, Document, DocumentKind, Evidence, FoundBlock, Passage, Profile, Skipped
from pipeline.split import split_passages
from pipeline.store import Coded, RunStore

STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MODEL = {"name": "drawn", "hash": "0" * 64, "backend": "none", "precision": "none", "recipe": "drawn"}


@dataclass
class Made:
    """An invented document: its blocks, and what a manifest would say of it."""

    title: str
    blocks: Sequence[FoundBlock]
    path: str = ""
    kind: DocumentKind = "other"
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def write_made_run(
    out: Path,
    documents: Sequence[Made],
    *,
    codebook: Codebook | None = None,
    by: Sequence[str] = (),
    skipped: Sequence[Skipped] = (),
    notes: Sequence[str] = (),
    seed: int = 0,
    strength: float = 0.25,
) -> list[Coded]:
    """Write the run of these documents; about ``strength`` of the passages carry each frame.

    Returns each document's passages with their codings.
    """
    book = codebook or load_codebook("nasem-2024")
    frames = book.frame_ids
    rng = np.random.default_rng(seed)
    made = [document_of(d, number) for number, d in enumerate(documents)]
    passages = [list(split_passages(d, fits=lambda text: len(text.split()) < 120).passages) for d in made]
    codings = [[drawn_coding(p, frames, rng, strength) for p in own] for own in passages]

    def profile(
        unit: Any, key: str, name: str, places: Sequence[int], warnings: Sequence[str] = ()
    ) -> Profile:
        chosen = [c for i in places for c in codings[i]]
        return profile_frames(
            np.array([[c.probabilities[f] for f in frames] for c in chosen], float).reshape(-1, len(frames)),
            np.array([c.any_frame for c in chosen], float),
            np.array([p.word_count for i in places for p in passages[i]], np.int64),
            frames,
            unit=unit,
            id=key,
            name=name,
            documents=len(places),
            warnings=warnings,
        )

    profiles = [profile("document", d.id, d.title, [i], d.warnings) for i, d in enumerate(made)]
    others = []
    for column in by:
        for value in sorted({d.metadata.get(column, "") for d in made}):
            places = [i for i, d in enumerate(made) if d.metadata.get(column, "") == value]
            name = f"{column}: {value or '(not given)'}"
            others.append(profile("group", f"{column}={value}", name, places))
    others.append(profile("collection", "collection", "All documents", range(len(made)), notes))
    store = RunStore.begin(out, {})
    for document, own in zip(made, passages, strict=True):
        store.add_file(document.path, document.id, [(document, document.id, own)], [])
    store.add_codings(enumerate((c for own in codings for c in own), 1))
    write_run(
        Finished(
            settings=RunSettings(inputs=(Path("made"),), out=out, by=tuple(by)),
            codebook=book,
            model=MODEL,
            store=store,
            profiles=profiles,
            others=others,
            skipped=tuple(skipped),
            notes=tuple(notes),
            started=STARTED,
        ),
        out,
    )
    store.remove()
    return [list(zip(p, c, strict=True)) for p, c in zip(passages, codings, strict=True)]


def document_of(made: Made, number: int) -> Document:
    """Turn an invented document into one that could have been read."""
    key = hashlib.sha256(f"{number}:{made.title}".encode()).hexdigest()[:16]
    return assemble(
        made.blocks,
        id=key,
        path=made.path or f"made/{number:04d}.md",
        title=made.title,
        kind=made.kind,
        language="en",
        metadata=made.metadata,
        warnings=made.warnings,
    )


def drawn_coding(
    passage: Passage, frames: Sequence[str], rng: np.random.Generator, strength: float
) -> Coding:
    """Draw a coding: most frames far from their threshold, some near it."""
    carried = rng.random(len(frames)) < strength / 2
    p = np.where(carried, rng.uniform(0.4, 1, len(frames)), rng.beta(0.4, 8, len(frames))).round(6)
    coded = tuple(f for f, x in zip(frames, p, strict=True) if x >= 0.4)
    sentence = passage.text.split("\n")[0]
    words = tuple(w for w in sentence.split()[:8:3] if w.isalpha())
    return Coding(
        passage_id=passage.id,
        probabilities=dict(zip(frames, p.tolist(), strict=True)),
        any_frame=round(float(max(p.max(), 1 - np.prod(1 - p))), 6),
        frames=coded,
        primary=max(coded, key=dict(zip(frames, p, strict=True)).__getitem__) if coded else None,
        needs_review=bool(((p > 0.35) & (p < 0.55)).any()),
        evidence=tuple(Evidence(f, 0, len(sentence), sentence, words) for f in coded),
    )
