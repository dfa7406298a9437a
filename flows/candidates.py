"""The kinds of classifier that are compared, each trained on the same passages and asked about the same texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from classifiers.calibration import with_any
from classifiers.contrastive import ContrastiveClassifier
from classifiers.embedding import EmbeddingClassifier
from classifiers.encoder import SentenceEncoder
from classifiers.finetuned import FinetunedClassifier
from classifiers.head import LinearHead
from classifiers.keyword import KeywordClassifier
from classifiers.label_aware import LabelAwareClassifier
from classifiers.terms import MOST_TERMS
from classifiers.tfidf import TfidfClassifier
from classifiers.training import base_encoder
from classifiers.tuning import Told
from flows.models import codebook_cues
from labels.codebook import Codebook

Logits = NDArray[np.float64]
CONTEXT_WORDS = 40  # of the passage before; more leaves the encoder too little room for the passage itself
TINY = 1e-4
PARTS = 3  # the teacher's opinion of a passage comes from a head that never saw it


@dataclass(frozen=True)
class Texts:
    """Passages with the passage that stands before each in its document ("" where there is none)."""

    own: Sequence[str]
    before: Sequence[str]

    def take(self, rows: Sequence[int]) -> Texts:
        """Return the passages at ``rows``."""
        return Texts([self.own[i] for i in rows], [self.before[i] for i in rows])

    def in_context(self) -> list[str]:
        """Join each passage with the end of the one before, behind the encoder's separator."""
        ends = [" ".join(text.split()[-CONTEXT_WORDS:]) for text in self.before]
        return [f"{own} [SEP] {end}" if end else own for own, end in zip(self.own, ends, strict=True)]


@dataclass(frozen=True)
class Task:
    """What one candidate gets: passages to learn from, their codings, and texts to score.

    ``labels`` (n, k) are the settled codings, ``soft`` (n, k + 1) the mean of the readings, the last
    column for any frame. ``ask`` are lists of texts; ``told`` hears of progress.
    """

    codebook: Codebook
    texts: Texts
    labels: NDArray[np.bool_]
    soft: NDArray[np.float64]
    ask: Sequence[Texts]
    seed: int = 0
    teacher: Path | None = None
    told: Told | None = None


Score = Callable[[Task], list[Logits]]


@dataclass(frozen=True)
class Candidate:
    """One line of the comparison: what it is in words, and how it scores (None: made from other lines)."""

    said: str
    score: Score | None = None
    mean_of: tuple[str, ...] = ()
    gate: bool = False
    teacher: bool = False


def _keyword(task: Task) -> list[Logits]:
    coder = KeywordClassifier({f.id: f.keywords for f in task.codebook.frames}).fit([])
    return [_as_logits(coder.predict_proba(texts.own)) for texts in task.ask]


def _tfidf(task: Task) -> list[Logits]:
    coder = TfidfClassifier(random_state=task.seed).fit(task.texts.own, with_any(task.labels))
    return [_as_logits(coder.predict_proba(texts.own))[:, :-1] for texts in task.ask]


def _embedding(task: Task, *, words: bool) -> list[Logits]:
    coder = EmbeddingClassifier(
        base_encoder(),
        cues=codebook_cues(task.codebook) if words else (),
        terms=MOST_TERMS if words else 0,
        random_state=task.seed,
    ).fit(task.texts.own, with_any(task.labels))
    return [coder.decision_function(texts.own) for texts in task.ask]


def _contrastive(task: Task) -> list[Logits]:
    coder = ContrastiveClassifier(base_encoder(), random_state=task.seed, told=task.told)
    coder.fit(task.texts.own, with_any(task.labels))
    return [coder.decision_function(texts.own) for texts in task.ask]


def _finetuned(task: Task, *, words: bool = False, soft: bool = False, context: bool = False) -> list[Logits]:
    coder = FinetunedClassifier(
        base_encoder(),
        cues=codebook_cues(task.codebook) if words else (),
        terms=MOST_TERMS if words else 0,
        random_state=task.seed,
        told=task.told,
    )
    read = Texts.in_context if context else lambda texts: texts.own
    coder.fit(read(task.texts), task.soft if soft else with_any(task.labels))
    return [coder.decision_function(read(texts)) for texts in task.ask]


def _label_aware(task: Task) -> list[Logits]:
    defined = [f"{f.name}: {f.definition}" for f in task.codebook.frames]
    coder = LabelAwareClassifier(
        base_encoder(), definitions=defined, random_state=task.seed, told=task.told
    ).fit(task.texts.own, task.labels)
    return [_with_any_logit(coder.decision_function(texts.own)) for texts in task.ask]


def _teacher(task: Task) -> list[Logits]:
    vectors, asked = _teacher_vectors(task)
    head = LinearHead(random_state=task.seed).fit(vectors, with_any(task.labels).astype(int))
    return [head.decision_function(v) for v in asked]


def _distilled(task: Task) -> list[Logits]:
    vectors, _ = _teacher_vectors(task)
    targets = with_any(task.labels).astype(int)
    opinion = np.zeros(targets.shape)
    part = np.random.default_rng(task.seed).integers(PARTS, size=len(targets))
    for k in range(PARTS):
        head = LinearHead(random_state=task.seed).fit(vectors[part != k], targets[part != k])
        opinion[part == k] = expit(head.decision_function(vectors[part == k]))
    coder = FinetunedClassifier(base_encoder(), random_state=task.seed, told=task.told)
    coder.fit(task.texts.own, (targets + opinion) / 2)  # half what coders said, half what the teacher thinks
    return [coder.decision_function(texts.own) for texts in task.ask]


def _teacher_vectors(task: Task) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    if task.teacher is None:
        raise ValueError("The teacher's folder is not named: --teacher FOLDER holding all-mpnet-base-v2.")
    encoder = SentenceEncoder(task.teacher).load()
    return encoder.transform(task.texts.own), [encoder.transform(texts.own) for texts in task.ask]


def _as_logits(probabilities: NDArray[np.float64]) -> Logits:
    return _with_any_logit(np.asarray(logit(np.clip(probabilities, TINY, 1 - TINY)), float))


def _with_any_logit(logits: Logits) -> Logits:
    """Append "any frame" where a classifier has no such output: the surest frame speaks for it."""
    return np.column_stack([logits, logits.max(1)])


CANDIDATES: Mapping[str, Candidate] = {
    "keyword": Candidate("the codebook's keywords, counted", _keyword),
    "tfidf": Candidate("TF-IDF of words and word pairs, logistic regression", _tfidf),
    "frozen": Candidate(
        "all-MiniLM-L6-v2 as published, logistic regression", lambda t: _embedding(t, words=False)
    ),
    "frozen + words": Candidate(
        "the same with keyword counts and TF-IDF beside the vector", lambda t: _embedding(t, words=True)
    ),
    "contrastive": Candidate(
        "encoder tuned on pairs in the manner of SetFit, then logistic regression", _contrastive
    ),
    "fine-tuned": Candidate("the whole encoder tuned with a multi-label head, 3 rounds", _finetuned),
    "fine-tuned, second seed": Candidate("the same from another seed", _finetuned),
    "two seeds": Candidate("mean of the two fine-tuned", mean_of=("fine-tuned", "fine-tuned, second seed")),
    "soft labels": Candidate(
        "fine-tuned on the mean of the readings instead of the settled coding",
        lambda t: _finetuned(t, soft=True),
    ),
    "context": Candidate(
        "fine-tuned, the end of the passage before read along", lambda t: _finetuned(t, context=True)
    ),
    "fine-tuned + words": Candidate(
        "fine-tuned, plus a logistic regression on keywords and TF-IDF", lambda t: _finetuned(t, words=True)
    ),
    "frozen and fine-tuned, + words": Candidate(
        "mean of the two models with words; twice the cost to run",
        mean_of=("frozen + words", "fine-tuned + words"),
    ),
    "any-frame gate": Candidate(
        "fine-tuned + words, a separate output deciding first whether there is any frame",
        mean_of=("fine-tuned + words",),
        gate=True,
    ),
    "label-aware": Candidate("cross-encoder reading definition and passage together, 1 round", _label_aware),
    "teacher": Candidate(
        "all-mpnet-base-v2 as published (5 times the size), logistic regression", _teacher, teacher=True
    ),
    "distilled": Candidate(
        "fine-tuned on half coders, half that teacher's opinion", _distilled, teacher=True
    ),
}
