"""Frozen sentence embeddings and one logistic regression a frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.validation import check_is_fitted

from classifiers.encoder import Precision, SentenceEncoder
from classifiers.keyword import text_classifier_tags
from classifiers.texts import check_labels, check_texts


class EmbeddingClassifier(ClassifierMixin, BaseEstimator):
    """A sentence encoder left as it is, and a logistic regression a frame on its vectors.

    After ``fit``: ``encoder_``, ``weight_`` (n frames, dimension) and ``bias_`` (n frames,).
    """

    def __init__(
        self,
        encoder_path: str | Path | None = None,
        *,
        C: float = 4.0,
        precision: Precision = "auto",
        random_state: int | None = 0,
    ) -> None:
        self.encoder_path = encoder_path
        self.C = C
        self.precision = precision
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Any) -> Self:
        """Learn from texts and codings (n texts, n frames)."""
        texts = check_texts(X)
        labels = check_labels(y, len(texts))
        self.encoder_ = SentenceEncoder(self.encoder_path, precision=self.precision).load()
        vectors = self.encoder_.transform(texts)
        self.weight_, self.bias_ = fit_linear_head(vectors, labels, C=self.C, random_state=self.random_state)
        self.classes_ = np.arange(labels.shape[1])
        return self

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Return logits; shape (n texts, n frames)."""
        check_is_fitted(self, "weight_")
        return self.encoder_.transform(check_texts(X)) @ self.weight_.T + self.bias_

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Score texts; shape (n texts, n frames)."""
        return np.asarray(expit(self.decision_function(X)), float)

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Code texts; 0 or 1, shape (n texts, n frames)."""
        return (self.decision_function(X) >= 0).astype(np.int64)

    def __sklearn_tags__(self) -> Any:
        return text_classifier_tags(super().__sklearn_tags__())


def fit_linear_head(
    vectors: NDArray[Any], labels: NDArray[np.bool_], *, C: float, random_state: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit one logistic regression a frame; weights (n frames, dimension) and biases (n frames,).

    A frame that no passage or every passage carries gets a constant: there is nothing to tell apart.
    """
    dimension, frames = vectors.shape[1], labels.shape[1]
    weight, bias = np.zeros((frames, dimension)), np.full(frames, -20.0)
    bias[labels.all(0)] = 20.0
    mixed = labels.any(0) & ~labels.all(0)
    if mixed.any():
        head = OneVsRestClassifier(LogisticRegression(C=C, max_iter=2000, random_state=random_state))
        head.fit(vectors, labels[:, mixed].astype(int) if mixed.sum() > 1 else labels[:, mixed].ravel().astype(int))
        weight[mixed] = np.vstack([e.coef_[0] for e in head.estimators_])
        bias[mixed] = [e.intercept_[0] for e in head.estimators_]
    return weight, bias
