"""The coders that `equity-frames evaluate` can put side by side: the model, and simple ones to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from classifiers.frame_model import Codings, decide
from classifiers.keyword import KeywordClassifier
from classifiers.tfidf import TfidfClassifier
from corpora.corpus import read_corpus
from flows.models import check_model, model_for
from flows.train import as_examples
from labels.codebook import Codebook

Coder = Callable[[Sequence[str]], Codings]


def coder_for(codebook: Codebook, name: str | None) -> tuple[Coder, str]:
    """Return a function that codes texts, and its name: a baseline of ``BASELINES`` or a model."""
    if name in BASELINES:
        return BASELINES[name](codebook), name
    check_model(codebook, name)
    model, _ = model_for(codebook, name)
    return model.code, model.name


def _nobody(codebook: Codebook) -> Coder:
    def code(texts: Sequence[str]) -> Codings:
        return _halves(np.zeros((len(texts), len(codebook.frames))))

    return code


def _keyword(codebook: Codebook) -> Coder:
    coder = KeywordClassifier({f.id: f.keywords for f in codebook.frames}).fit([])
    return lambda texts: _halves(coder.predict_proba(texts))


def _tfidf(codebook: Codebook) -> Coder:
    examples = as_examples(read_corpus(frames=codebook.frame_ids), codebook)
    coder = TfidfClassifier().fit(examples.texts, examples.labels)
    return lambda texts: _halves(coder.predict_proba(texts))


def _halves(probabilities: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Codings:
    """Code from 0.5 up; a baseline has learnt no thresholds."""
    return decide(probabilities, probabilities.max(1), np.full(probabilities.shape[1], 0.5), 1.0)


BASELINES: dict[str, Callable[[Codebook], Coder]] = {"none": _nobody, "keyword": _keyword, "tfidf": _tfidf}
