"""Checks that every text estimator shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_texts(X: Sequence[str]) -> list[str]:
    """Return the texts as a list; TypeError if ``X`` is one text, ValueError at the first that is none."""
    if isinstance(X, str):
        raise TypeError("Expected a list of texts, got one text. Put it in a list: [text].")
    texts = list(X)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"Expected texts only; number {place} is {type(text).__name__}.")  # noqa: TRY004 - scikit-learn's checks want ValueError for bad values
    return texts


def check_labels(y: Any, n_texts: int) -> NDArray[np.bool_]:
    """Return the codings as booleans (n texts, n frames); ValueError if the shape is another."""
    labels = np.asarray(y)
    if labels.ndim != 2 or len(labels) != n_texts:
        raise ValueError(
            f"Expected an array of {n_texts} texts by frames, one column a frame; got shape {labels.shape}."
        )
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("Expected 0 or 1 in every cell of the codings.")
    return labels.astype(bool)


def text_tags(tags: Any) -> Any:
    """Say in scikit-learn's terms that an estimator takes a list of texts and no table of numbers."""
    tags.input_tags.string = True
    tags.input_tags.two_d_array = False
    tags.no_validation = True
    return tags
