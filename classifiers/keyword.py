"""The baseline anyone could write: look for the codebook's keywords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from classifiers.texts import check_texts, text_tags
from labels.keywords import keyword_pattern


class KeywordClassifier(ClassifierMixin, BaseEstimator):
    """Codes a frame where one of its keywords occurs.

    ``keywords`` maps each frame to phrases; ``*`` stands for any letters (``labels.keywords``).
    The "probability" is 1 - 2**-hits: 0 for none, 0.5 for one, more for more. It is no
    calibrated probability; it is there to be compared with.
    """

    def __init__(self, keywords: Mapping[str, Sequence[str]] | None = None) -> None:
        self.keywords = keywords

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        """Compile the phrases; texts and codings teach it nothing."""
        check_texts(X)
        keywords = self.keywords or {}
        self.patterns_ = [[keyword_pattern(phrase) for phrase in phrases] for phrases in keywords.values()]
        self.classes_ = np.arange(len(keywords))
        return self

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Score texts; shape (n texts, n frames)."""
        check_is_fitted(self, "patterns_")
        texts = check_texts(X)
        hits = [[sum(len(p.findall(text)) for p in frame) for frame in self.patterns_] for text in texts]
        return 1.0 - 0.5 ** np.asarray(hits, float).reshape(len(texts), len(self.patterns_))

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Code texts; 0 or 1, shape (n texts, n frames)."""
        return (self.predict_proba(X) >= 0.5).astype(np.int64)

    def __sklearn_tags__(self) -> Any:
        tags = text_tags(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = True
        return tags
