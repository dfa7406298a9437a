"""The multi-label head: one logistic regression an output, over vectors."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

CERTAIN = 20.0  # the logit of an output that every passage, or none, carried in training


class LinearHead(ClassifierMixin, BaseEstimator):
    """One logistic regression an output: vectors (n, dimension) in, logits (n, outputs) out.

    ``fit`` takes an indicator (n, outputs), or one class a row. After an indicator, ``weight_``
    (outputs, dimension) and ``bias_`` (outputs,) hold what it learnt; an output that every row or no
    row carries has no weight and a bias of 20 or -20: there was nothing to tell apart.
    """

    def __init__(self, *, C: float = 4.0, random_state: int | None = 0) -> None:
        self.C = C
        self.random_state = random_state

    def fit(self, X: NDArray[Any], y: Any, sample_weight: Any = None) -> Self:
        """Learn from vectors and codings; ``sample_weight`` (n,) says how much each row counts."""
        X, y = validate_data(self, X, y, multi_output=True, accept_sparse="csr")
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        # liblinear: 20,000 sparse columns take 3 s an output, a fifth of what lbfgs takes
        one = LogisticRegression(C=self.C, max_iter=2000, solver="liblinear", random_state=self.random_state)
        if sample_weight is None:
            self.each_ = OneVsRestClassifier(one).fit(X, y)
        else:
            weights = _check_sample_weight(sample_weight, X)
            with config_context(enable_metadata_routing=True):
                routed = OneVsRestClassifier(one.set_fit_request(sample_weight=True))
                self.each_ = routed.fit(X, y, sample_weight=weights)
        self.classes_ = self.each_.classes_
        fitted = [e if hasattr(e, "coef_") else None for e in self.each_.estimators_]
        always = y.any(0).tolist() if self.each_.multilabel_ else [True] * len(fitted)
        self.weight_ = np.vstack([np.zeros(X.shape[1]) if e is None else e.coef_[0] for e in fitted])
        self.bias_ = np.array(
            [
                (CERTAIN if on else -CERTAIN) if e is None else e.intercept_[0]
                for e, on in zip(fitted, always, strict=True)
            ]
        )
        return self

    def decision_function(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """Return logits; (n, outputs), or (n,) for two classes."""
        check_is_fitted(self, "each_")
        X = validate_data(self, X, reset=False, accept_sparse="csr")
        if not self.each_.multilabel_:
            return np.asarray(self.each_.decision_function(X), float)
        return np.asarray(X @ self.weight_.T + self.bias_, float)

    def predict_proba(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """Return probabilities, uncalibrated; (n, outputs) or (n, classes)."""
        check_is_fitted(self, "each_")
        return np.asarray(
            self.each_.predict_proba(validate_data(self, X, reset=False, accept_sparse="csr")), float
        )

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return an indicator (n, outputs), or one class a row."""
        check_is_fitted(self, "each_")
        if self.each_.multilabel_:  # scikit-learn takes 0.5 for the border where the first output is constant
            return (self.decision_function(X) >= 0).astype(int)
        return np.asarray(self.each_.predict(validate_data(self, X, reset=False, accept_sparse="csr")))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = True
        return tags
