"""Term weights: TF-IDF of words and word pairs, as features beside the encoder's vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

from classifiers.texts import check_texts, text_tags

MOST_TERMS = 20_000  # the commonest; the rest is noise of single documents
MIN_DOCUMENTS = 3


class TermWeights(TransformerMixin, BaseEstimator):
    """TF-IDF with logarithmic counts, rows of length 1; texts in, a sparse (n texts, n terms) out.

    Beside the encoder's vector and the cues, terms raised macro-F1 on held-out genres from 0.55 to
    0.58. ``most`` is the number of terms kept; 0 gives no columns.
    """

    def __init__(self, *, most: int = MOST_TERMS) -> None:
        self.most = most

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        """Learn the terms and how common they are."""
        texts = check_texts(X)
        if not self.most:
            return self.restore((), np.zeros(0))
        fitted = TfidfVectorizer(
            ngram_range=(1, 2),
            min_df=min(MIN_DOCUMENTS, len(texts)),
            sublinear_tf=True,
            max_features=self.most,
        ).fit(texts)
        return self.restore(fitted.get_feature_names_out().tolist(), fitted.idf_)

    def restore(self, vocabulary: Sequence[str], idf: NDArray[np.float64]) -> Self:
        """Take terms (in column order) and their inverse document frequencies from an earlier fit."""
        self.vocabulary_ = tuple(vocabulary)
        self.idf_ = np.asarray(idf, float)
        self.columns_ = {term: column for column, term in enumerate(self.vocabulary_)}
        self.vectorizer_ = None
        if self.vocabulary_:
            self.vectorizer_ = TfidfVectorizer(
                ngram_range=(1, 2), sublinear_tf=True, vocabulary=self.columns_, dtype=np.float32
            )
            self.vectorizer_.idf_ = self.idf_
        return self

    def transform(self, X: Sequence[str]) -> csr_matrix:
        """Weigh the terms of texts; float32."""
        texts = check_texts(X)
        if self.vectorizer_ is None or not texts:
            return csr_matrix((len(texts), len(self.vocabulary_)), dtype=np.float32)
        return csr_matrix(self.vectorizer_.transform(texts))

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())
