"""A model that costs next to nothing and is a model in everything else.

For benchmarks of what is around the encoder, and for tests that start many runs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.cues import CueCounter
from classifiers.familiarity import Familiarity
from classifiers.frame_model import FrameModel, Head
from classifiers.terms import TermWeights
from labels.codebook import Codebook

DIMENSION = 8
_WORD = re.compile(r"\S+")


class SmallEncoder:
    """Vectors made of a text's hash: as many as wanted, always the same, and about nothing."""

    precision_ = runs_on = "none"
    max_tokens = 200
    path = None

    def __init__(self) -> None:
        self.encoded = 0  # texts, so that tests can count them

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts; shape (n, 8), rows of length 1."""
        self.encoded += len(texts)
        return np.array([_vector(text) for text in texts], np.float32).reshape(-1, DIMENSION)

    def token_vectors(self, texts: Sequence[str]) -> list[tuple[NDArray[np.float32], list[tuple[int, int]]]]:
        """Encode the words of texts, with their spans."""
        found = [[(m.group(), m.span()) for m in _WORD.finditer(text)] for text in texts]
        return [
            (
                np.array([_vector(w) for w, _ in words], np.float32).reshape(-1, DIMENSION),
                [s for _, s in words],
            )
            for words in found
        ]

    def count_tokens(self, text: str) -> int:
        """Count words; the encoder's two special tokens too."""
        return 2 + len(text.split())


def small_model(codebook: Codebook) -> FrameModel:
    """Make the model for a codebook; some texts in a hundred carry each frame."""
    frames = len(codebook.frames)
    rng = np.random.default_rng(0)
    encoder: Any = SmallEncoder()
    return FrameModel(
        "small",
        codebook.frame_ids,
        encoder,
        CueCounter().compile(),
        TermWeights(most=0).restore((), np.zeros(0)),
        Head(
            weight=rng.normal(0, 3, (frames + 1, DIMENSION)),
            bias=np.full(frames + 1, -5.0),
            slope=np.ones(frames + 1),
            offset=np.zeros(frames + 1),
            thresholds=np.full(frames, 0.7),
            review_from=0.9,
        ),
        {"recipe": "none"},
        Familiarity(np.eye(DIMENSION, dtype=np.float32), -1.0),
    )


def _vector(text: str) -> NDArray[np.float64]:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    vector = np.frombuffer(digest[:DIMENSION], np.uint8).astype(float) - 127.5
    return np.asarray(vector / np.linalg.norm(vector), float)
