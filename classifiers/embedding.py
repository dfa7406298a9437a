"""Frozen sentence embeddings, the codebook's cues, and one logistic regression a frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from classifiers.cues import CueCounter
from classifiers.encoder import Precision, SentenceEncoder
from classifiers.head import LinearHead
from classifiers.linear import LinearTextClassifier
from classifiers.terms import TermWeights
from classifiers.texts import check_labels, check_texts


class EmbeddingClassifier(LinearTextClassifier):
    """A sentence encoder left as it is, counts of cues, and a logistic regression a frame on both.

    ``cues`` are phrases whose counts stand beside the vector (see ``CueCounter``). After ``fit``:
    see ``LinearTextClassifier``. ``terms`` is how many words and word pairs to weigh besides (0: none).
    """

    def __init__(
        self,
        encoder_path: str | Path | None = None,
        *,
        cues: Sequence[str] = (),
        terms: int = 0,
        C: float = 4.0,
        precision: Precision = "auto",
        random_state: int | None = 0,
    ) -> None:
        self.encoder_path = encoder_path
        self.cues = cues
        self.terms = terms
        self.C = C
        self.precision = precision
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Any, sample_weight: Any = None) -> Self:
        """Learn from texts and codings (n texts, n frames); ``sample_weight`` (n texts,) weighs them."""
        texts = check_texts(X)
        labels = check_labels(y, len(texts))
        self.encoder_ = SentenceEncoder(self.encoder_path, precision=self.precision).load()
        self.cues_ = CueCounter(self.cues).compile()
        self.terms_ = TermWeights(most=self.terms).fit(texts)
        head = LinearHead(C=self.C, random_state=self.random_state)
        self.head_ = head.fit(self.features(texts), labels.astype(int), sample_weight)
        self.weight_, self.bias_ = self.head_.weight_, self.head_.bias_
        self.classes_ = np.arange(labels.shape[1])
        return self
