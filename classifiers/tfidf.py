"""The classical baseline: weighted words and logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted

from classifiers.texts import check_labels, check_texts, text_tags


class TfidfClassifier(ClassifierMixin, BaseEstimator):
    """TF-IDF of words and word pairs, then one logistic regression a frame, classes balanced."""

    def __init__(self, *, C: float = 10.0, min_df: int = 2, random_state: int | None = 0) -> None:
        self.C = C
        self.min_df = min_df
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Any) -> Self:
        """Learn from texts and codings (n texts, n frames)."""
        texts = check_texts(X)
        labels = check_labels(y, len(texts))
        self.pipeline_: Pipeline = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=min(self.min_df, len(texts)), sublinear_tf=True),
            OneVsRestClassifier(
                LogisticRegression(
                    C=self.C, class_weight="balanced", max_iter=1000, random_state=self.random_state
                )
            ),
        )
        self.pipeline_.fit(texts, labels.astype(int))
        self.classes_ = np.arange(labels.shape[1])
        return self

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Score texts; shape (n texts, n frames)."""
        check_is_fitted(self, "pipeline_")
        texts = check_texts(X)
        if not texts:
            return np.zeros((0, len(self.classes_)))
        return np.asarray(self.pipeline_.predict_proba(texts), float)

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Code texts; 0 or 1, shape (n texts, n frames)."""
        return (self.predict_proba(X) >= 0.5).astype(np.int64)

    def __sklearn_tags__(self) -> Any:
        tags = text_tags(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = True
        return tags
