"""What the text estimators with a linear head share once they are fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from classifiers.cues import CueCounter
from classifiers.encoder import SentenceEncoder
from classifiers.terms import TermWeights
from classifiers.texts import check_texts, text_tags


def words_of(cues: CueCounter, terms: TermWeights, texts: Sequence[str]) -> csr_matrix:
    """Return what words say of texts: cues and terms; (n texts, cues + terms)."""
    return csr_matrix(hstack([csr_matrix(cues.transform(texts)), terms.transform(texts)]))


def side_by_side(vectors: NDArray[np.float32], words: csr_matrix) -> csr_matrix:
    """Return the features of texts: their ``vectors`` and what words say; (n texts, both together)."""
    return csr_matrix(hstack([csr_matrix(vectors), words]))


class LinearTextClassifier(ClassifierMixin, BaseEstimator):
    """Texts to logits: the encoder's vector, cues and terms, through one linear output a frame.

    ``fit`` of a subclass sets ``encoder_``, ``cues_``, ``terms_``, ``weight_`` (n frames, dimension +
    n cues + n terms), ``bias_`` (n frames,) and ``classes_``.
    """

    encoder_: SentenceEncoder
    cues_: CueCounter
    terms_: TermWeights
    weight_: NDArray[np.float64]
    bias_: NDArray[np.float64]

    def features(self, texts: list[str]) -> csr_matrix:
        """Return vectors, cues and terms side by side; (n texts, dimension + n cues + n terms)."""
        return side_by_side(self.encoder_.transform(texts), words_of(self.cues_, self.terms_, texts))

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Return logits; shape (n texts, n frames)."""
        check_is_fitted(self, "weight_")
        return np.asarray(self.features(check_texts(X)) @ self.weight_.T + self.bias_, float)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Score texts, uncalibrated; shape (n texts, n frames)."""
        return np.asarray(expit(self.decision_function(X)), float)

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Code texts; 0 or 1, shape (n texts, n frames)."""
        return (self.decision_function(X) >= 0).astype(np.int64)

    def __sklearn_tags__(self) -> Any:
        tags = text_tags(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = True
        return tags
