"""Code passages with a model and say what moved each coding: where classifiers meet documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.evidence import find_evidence
from classifiers.frame_model import Codings, Encode, FrameModel
from pipeline.records import Coding, Evidence, Passage
from pipeline.sentences import sentence_spans


def code_passages(
    passages: Sequence[Passage], model: FrameModel, encode: Encode | None = None
) -> list[Coding]:
    """Code passages in one batch; one Coding a passage, in order.

    A passage is coded with its list's lead-in; evidence is looked for in the passage itself. ``encode`` gives
    the embeddings of the model's encoder where they are kept.
    """
    texts = [p.coding_text for p in passages]
    codings = model.code(texts, encode)
    evidence = _evidence(passages, codings, model)
    familiar = np.full(len(texts), np.nan) if codings.familiar is None else codings.familiar
    return [
        Coding(
            passage_id=passage.id,
            probabilities=dict(zip(model.frames, map(float, codings.probabilities[i]), strict=True)),
            any_frame=float(codings.any_frame[i]),
            frames=tuple(f for f, coded in zip(model.frames, codings.coded[i], strict=True) if coded),
            primary=model.frames[codings.primary[i]] if codings.primary[i] >= 0 else None,
            needs_review=bool(codings.needs_review[i]),
            evidence=evidence.get(i, ()),
            familiar=None if np.isnan(familiar[i]) else float(familiar[i]),
        )
        for i, passage in enumerate(passages)
    ]


def _evidence(
    passages: Sequence[Passage], codings: Codings, model: FrameModel
) -> dict[int, tuple[Evidence, ...]]:
    """Find the sentence and words behind every coded frame; by passage number."""
    places: NDArray[np.int64] = np.flatnonzero(codings.coded.any(1))
    framed = [passages[i] for i in places]
    spans = [sentence_spans(p.text) for p in framed]
    found = find_evidence(model, [p.text for p in framed], codings.coded[places], spans)
    return {
        int(i): tuple(
            Evidence(model.frames[e.frame], e.start, e.end, passage.text[e.start : e.end], e.words)
            for e in evidence
        )
        for i, passage, evidence in zip(places, framed, found, strict=True)
    }
