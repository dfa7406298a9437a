from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from classifiers.terms import TermWeights

TEXTS = [
    "bus passes for pupils",
    "bus passes and fee waivers",
    "bus and fee waivers for pupils",
    "minutes of the board",
]


def test_terms_weigh_as_scikit_learn_does():
    ours = TermWeights(most=10).fit(TEXTS).transform(TEXTS).toarray()
    theirs = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=10).fit_transform(
        TEXTS
    )
    assert np.allclose(ours, theirs.toarray(), atol=1e-6)
    assert np.allclose(np.linalg.norm(ours[:3], axis=1), 1)


def test_restored_terms_weigh_as_before():
    fitted = TermWeights(most=10).fit(TEXTS)
    restored = TermWeights(most=10).restore(fitted.vocabulary_, fitted.idf_)
    assert np.array_equal(fitted.transform(TEXTS).toarray(), restored.transform(TEXTS).toarray())


def test_no_terms_are_no_columns():
    none = TermWeights(most=0).fit(TEXTS)
    assert none.transform(TEXTS).shape == (4, 0)
    assert TermWeights(most=10).fit(TEXTS).transform([]).shape[0] == 0
