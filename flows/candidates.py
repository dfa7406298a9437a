"""The kinds of classifier that are compared, each trained on the same passages and asked about the same texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit, logit

from classifiers.calibration import with_any
from classifiers.contrastive import ContrastiveClassifier
from classifiers.cues import CueCounter
from classifiers.embedding import EmbeddingClassifier
from classifiers.encoder import SentenceEncoder
from classifiers.finetuned import FinetunedClassifier
from classifiers.head import LinearHead
from classifiers.keyword import KeywordClassifier
from classifiers.label_aware import LabelAwareClassifier
from classifiers.terms import MOST_TERMS, TermWeights
from classifiers.tfidf import TfidfClassifier
from classifiers.training import ROUNDS, base_encoder
from classifiers.tuning import Told
from flows.models import codebook_cues
from labels.codebook import Codebook

Logits = NDArray[np.float64]
CONTEXT_WORDS = 40  # of the passage before; more leaves the encoder too little room for the passage itself
PLANNED_WEIGHT = 1 / 3  # as in flows.train
PLAIN_ROUNDS = 3  # fewer passages, more rounds: about as many steps
LABEL_AWARE_NONE = 3  # the cross-encoder reads every third passage without a frame: it is five times the work
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
    column for any frame. ``planned`` are passages written with the codes in mind, with their codings.
    ``ask`` are lists of texts; ``told`` hears of progress.
    """

    codebook: Codebook
    texts: Texts
    labels: NDArray[np.bool_]
    soft: NDArray[np.float64]
    planned: tuple[Sequence[str], NDArray[np.bool_]]
    ask: Sequence[Texts]
    seed: int = 0
    teacher: Path | None = None
    told: Told | None = None


Score = Callable[[Task], list[Logits]]


@dataclass(frozen=True)
class Candidate:
    """One line of the comparison: what it is in words, and how it scores, or whose logits it adds up.

    ``gate``: a separate output decides first whether there is any frame. ``teacher``: needs a larger encoder.
    """

    said: str
    score: Score | None = None
    sum_of: tuple[str, ...] = ()
    gate: bool = False
    teacher: bool = False


def _keyword(task: Task) -> list[Logits]:
    coder = KeywordClassifier({f.id: f.keywords for f in task.codebook.frames}).fit([])
    return [_as_logits(coder.predict_proba(texts.own)) for texts in task.ask]


def _tfidf(task: Task) -> list[Logits]:
    coder = TfidfClassifier(random_state=task.seed).fit(task.texts.own, with_any(task.labels))
    return [_as_logits(coder.predict_proba(texts.own))[:, :-1] for texts in task.ask]


def _words(task: Task) -> list[Logits]:
    cues, terms = CueCounter(codebook_cues(task.codebook)).compile(), TermWeights().fit(task.texts.own)

    def features(texts: Sequence[str]) -> csr_matrix:
        return csr_matrix(hstack([csr_matrix(cues.transform(texts)), terms.transform(texts)]))

    head = LinearHead(random_state=task.seed).fit(features(task.texts.own), with_any(task.labels).astype(int))
    return [head.decision_function(features(texts.own)) for texts in task.ask]


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


def _finetuned(
    task: Task, *, soft: bool = False, context: bool = False, planned: bool = False
) -> list[Logits]:
    rounds = ROUNDS if planned else PLAIN_ROUNDS
    coder = FinetunedClassifier(base_encoder(), epochs=rounds, random_state=task.seed, told=task.told)
    read = Texts.in_context if context else lambda texts: texts.own
    texts = list(read(task.texts))
    targets = task.soft if soft else with_any(task.labels).astype(float)
    weights = np.ones(len(texts))
    if planned:
        texts += task.planned[0]
        targets = np.vstack([targets, with_any(task.planned[1])])
        weights = np.concatenate([weights, np.full(len(task.planned[0]), PLANNED_WEIGHT)])
    coder.fit(texts, targets, weights)
    return [coder.decision_function(read(texts)) for texts in task.ask]


def _label_aware(task: Task) -> list[Logits]:
    defined = [f"{f.name}: {f.definition}" for f in task.codebook.frames]
    coder = LabelAwareClassifier(base_encoder(), definitions=defined, random_state=task.seed, told=task.told)
    none = np.flatnonzero(~task.labels.any(1))
    read = np.setdiff1d(np.arange(len(task.labels)), np.delete(none, np.s_[::LABEL_AWARE_NONE]))
    coder.fit([task.texts.own[i] for i in read.tolist()], task.labels[read])
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
    "tfidf": Candidate("TF-IDF of words and word pairs, logistic regression, classes balanced", _tfidf),
    "words": Candidate("keyword counts and TF-IDF, logistic regression", _words),
    "frozen": Candidate(
        "all-MiniLM-L6-v2 as published, logistic regression", lambda t: _embedding(t, words=False)
    ),
    "frozen + words": Candidate(
        "the same with keyword counts and TF-IDF beside the vector", lambda t: _embedding(t, words=True)
    ),
    "contrastive": Candidate(
        "encoder tuned on pairs in the manner of SetFit, 1 round, then logistic regression", _contrastive
    ),
    "fine-tuned": Candidate("the whole encoder tuned with a multi-label head, 3 rounds", _finetuned),
    "fine-tuned + words": Candidate(
        "the sum of that and of the logistic regression on words", sum_of=("fine-tuned", "words")
    ),
    "planned too": Candidate(
        "fine-tuned on passages written to a plan of codes too, at a third of the weight, 2 rounds",
        lambda t: _finetuned(t, planned=True),
    ),
    "planned too + words": Candidate(
        "the sum of that and of the logistic regression on words", sum_of=("planned too", "words")
    ),
    "any-frame gate": Candidate(
        "fine-tuned + words; a separate output decides first whether there is any frame",
        sum_of=("fine-tuned", "words"),
        gate=True,
    ),
    "second seed": Candidate("fine-tuned from another seed", _finetuned),
    "two seeds + words": Candidate(
        "both fine-tuned, and words: twice the cost to run",
        sum_of=("fine-tuned", "second seed", "words", "words"),
    ),
    "soft labels": Candidate(
        "fine-tuned on the mean of the readings instead of the settled coding",
        lambda t: _finetuned(t, soft=True),
    ),
    "context": Candidate(
        "fine-tuned, the end of the passage before read along", lambda t: _finetuned(t, context=True)
    ),
    "label-aware": Candidate(
        "cross-encoder reading definition and passage together, 1 round, every third passage without a frame",
        _label_aware,
    ),
    "teacher": Candidate(
        "all-mpnet-base-v2 as published (five times the size), logistic regression", _teacher, teacher=True
    ),
    "distilled": Candidate(
        "fine-tuned on half coders, half that teacher's opinion", _distilled, teacher=True
    ),
}
