"""The model people run: an encoder, a calibrated linear head, thresholds, and proof of what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from scipy.special import expit

from classifiers.backends import AUTO
from classifiers.cues import CueCounter
from classifiers.encoder import Precision, SentenceEncoder
from classifiers.familiarity import Familiarity
from classifiers.first_stage import FirstStage
from classifiers.linear import side_by_side, words_of
from classifiers.terms import TermWeights

FORMAT = 1
MODELS = Path(__file__).parent / "models"
DEFAULT_MODEL = "default"
ANY_FROM = 0.5  # any-frame F1 on held-out genres 0.71 -> 0.76 and macro-F1 0.59 -> 0.60 with this rule
_HEAD, _TERMS, _CARD, _ENCODER = "head.safetensors", "terms.json", "model.json", "encoder"
_FIRST = "first_stage.safetensors"

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


class ModelError(ValueError):
    """A model folder cannot be used; the text says which, what was found and what to do."""


@dataclass(frozen=True)
class Codings:
    """The codings of ``n`` texts over ``k`` frames.

    ``probabilities`` (n, k), calibrated, and ``any_frame`` (n,), that of carrying any frame at
    all; ``coded`` booleans (n, k); ``primary`` frame numbers with -1 for none (n,);
    ``needs_review`` booleans (n,): the texts most likely coded wrongly. ``familiar`` (n,), where the
    model knows: how near each text lies to those it was trained on (see ``Familiarity``); not a number for
    texts that a first stage passed over.
    """

    probabilities: NDArray[np.float64]
    any_frame: NDArray[np.float64]
    coded: NDArray[np.bool_]
    primary: NDArray[np.int64]
    needs_review: NDArray[np.bool_]
    familiar: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Head:
    """The linear head and what was learnt about it on passages it had not seen.

    It has one output a frame and a last one for "any frame" (k + 1 in all). ``weight``
    (k + 1, dimension + cues + terms), ``bias`` (k + 1,): logits from features. ``slope``, ``offset`` (k + 1,):
    Platt scaling of the logits. ``thresholds`` (k,): the probability from which a frame is
    coded. ``review_from``: the doubt (see ``doubt``) from which a passage needs review.
    """

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    review_from: float

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn raw logits (n, k + 1) into calibrated probabilities (n, k + 1)."""
        return np.asarray(expit(logits * self.slope + self.offset), float)

    def decide(self, logits: NDArray[np.float64]) -> Codings:
        """Turn raw logits (n, k + 1) into codings."""
        scores = self.probabilities(logits)
        return decide(scores[:, :-1], scores[:, -1], self.thresholds, self.review_from)


@dataclass(frozen=True)
class FrameModel:
    """A trained coder of ``frames`` (codebook order), with where it came from in ``card``.

    ``familiarity`` knows what the training texts were like; None for a model that was not told. With a
    ``first_stage`` the encoder reads only what that does not pass over.

    A text's coding is the same to the bit whatever it is coded with, so codings may be kept under ``key``.
    """

    name: str
    frames: tuple[str, ...]
    encoder: SentenceEncoder
    cues: CueCounter
    terms: TermWeights
    head: Head
    card: dict[str, Any] = field(default_factory=dict)
    familiarity: Familiarity | None = None
    first_stage: FirstStage | None = None

    def code(self, texts: Sequence[str], encode: Encode | None = None) -> Codings:
        """Code texts as a coder would; ``encode`` gives the encoder's embeddings of texts where they are kept."""
        encode = encode or self.encoder.transform
        if self.first_stage is None:
            words, vectors = self._features(texts, encode)
            scores, read = np.zeros((len(texts), len(self.frames) + 1)), np.arange(len(texts))
        else:
            words = words_of(self.cues, self.terms, texts)
            scores = self.first_stage.probabilities(words)
            read = np.flatnonzero(self.first_stage.hands_on(scores))
            vectors = encode([texts[i] for i in read.tolist()])
        scores[read] = self.head.probabilities(self._logits(vectors, words[read]))
        codings = decide(scores[:, :-1], scores[:, -1], self.head.thresholds, self.head.review_from)
        if self.familiarity is None:
            return codings
        familiar = np.full(len(texts), np.nan)
        familiar[read] = self.familiarity.of(vectors)
        return replace(codings, familiar=familiar)

    def read_by_encoder(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Say which texts the encoder reads; all of them where no first stage passes any over; (n,)."""
        if self.first_stage is None:
            return np.ones(len(texts), bool)
        return self.first_stage.hands_on(
            self.first_stage.probabilities(words_of(self.cues, self.terms, texts))
        )

    @property
    def hash(self) -> str:
        """Name the model by its content: SHA-256 over its files' hashes, frames, cues and review rule."""
        own = {
            "frames": list(self.frames),
            "cues": list(self.cues.phrases),
            "review_from": self.head.review_from,
        }
        return model_hash({**self.card, **own})

    @property
    def about(self) -> dict[str, Any]:
        """Say for a run's record which model this is and how it is run."""
        return {
            "name": self.name,
            "hash": self.hash,
            "backend": self.encoder.runs_on,
            "precision": self.encoder.precision_,
            "recipe": self.card.get("recipe"),
            "first_stage": self.card.get("first_stage") if self.first_stage else None,
        }

    @property
    def key(self) -> str:
        """Name everything a coding depends on besides the text: the model, and how its encoder is run."""
        return f"{self.hash}, {self.encoder.runs_on}, {self.encoder.precision_}"

    @property
    def encoder_key(self) -> str:
        """Name everything an embedding depends on besides the text; models that share an encoder share it."""
        files = {
            name: digest
            for name, digest in self.card.get("files", {}).items()
            if name.startswith(f"{_ENCODER}/")
        }
        run = (self.encoder.max_tokens, self.encoder.runs_on, self.encoder.precision_)
        return json.dumps([files or self.hash, *run], sort_keys=True)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Raw scores of texts; shape (n texts, n frames + 1), the last one for "any frame"."""
        words, vectors = self._features(texts, self.encoder.transform)
        return self._logits(vectors, words)

    def _features(self, texts: Sequence[str], encode: Encode) -> tuple[csr_matrix, NDArray[np.float32]]:
        """Return what words say of texts, and their vectors; the words are counted while the encoder works."""
        with ThreadPoolExecutor(1) as pool:
            vectors = pool.submit(encode, texts)
            return words_of(self.cues, self.terms, texts), vectors.result()

    def _logits(self, vectors: NDArray[np.float32], words: csr_matrix) -> NDArray[np.float64]:
        # A sparse product goes row by row; a dense one would round by the number of rows.
        return np.asarray(side_by_side(vectors, words) @ self.head.weight.T + self.head.bias, float)


def decide(
    probabilities: NDArray[np.float64],
    any_frame: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    review_from: float,
) -> Codings:
    """Turn probabilities (n, k) into codings: frames at or above threshold, the surest is primary.

    "Surest" is measured against each frame's own threshold, so that a rare frame coded at 0.4
    is not always second to a common one. A passage that more likely than not carries some frame
    (``any_frame`` (n,)) while none reaches its threshold is coded with the surest: a coder who sees that
    equity is what a passage is about has to decide for a frame too.
    """
    any_frame = np.maximum(any_frame, probabilities.max(1, initial=0.0))  # any is never less than one
    sureness = probabilities / thresholds
    coded = probabilities >= thresholds
    if len(coded) and coded.shape[1]:
        undecided = (any_frame >= ANY_FROM) & ~coded.any(1)
        coded[undecided, sureness[undecided].argmax(1)] = True
    lead = np.where(coded, sureness, -1.0)
    primary = (
        np.where(coded.any(1), lead.argmax(1) if lead.size else 0, -1) if len(lead) else np.zeros(0, int)
    )
    return Codings(
        probabilities,
        any_frame,
        coded,
        primary.astype(np.int64),
        doubt(probabilities, thresholds) >= review_from,
    )


def doubt(probabilities: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """How near the nearest frame lies to its threshold: 1 on it, 0 at certainty; shape (n,)."""
    if not len(probabilities):
        return np.zeros(0)
    below, above = probabilities / thresholds, (1 - probabilities) / (1 - thresholds)
    return np.asarray(np.minimum(below, above).max(1), float)


def save_model(model: FrameModel, folder: Path) -> None:
    """Write the model: the encoder's own files, arrays, and a card with every file's SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    model.encoder.save(folder / _ENCODER)
    head = model.head
    arrays = {
        name: np.ascontiguousarray(getattr(head, name), np.float64)
        for name in ("weight", "bias", "slope", "offset", "thresholds")
    }
    if model.familiarity is not None:
        arrays["centres"] = np.ascontiguousarray(model.familiarity.centres, np.float32)
        arrays["unfamiliar_below"] = np.array([model.familiarity.floor])
    save_file({**arrays, "idf": model.terms.idf_}, folder / _HEAD)
    terms = json.dumps(model.terms.vocabulary_, ensure_ascii=False)
    (folder / _TERMS).write_text(terms + "\n", encoding="utf-8")
    (folder / _FIRST).unlink(missing_ok=True)  # an earlier model's
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != _CARD)
    card = {
        "format": FORMAT,
        "name": model.name,
        "frames": list(model.frames),
        "review_from": head.review_from,
        "max_tokens": model.encoder.max_tokens,
        "cues": list(model.cues.phrases),
        "cue_scale": model.cues.scale,
        **{k: v for k, v in model.card.items() if k != "first_stage"},
        "files": {p.relative_to(folder).as_posix(): _sha256(p) for p in files},
    }
    _write_card(card, folder)


def save_first_stage(stage: FirstStage, about: dict[str, Any], folder: Path) -> None:
    """Add a first stage to a saved model, with what is known about it, in place of an earlier one."""
    _, card = read_card(folder)
    stage.save(folder / _FIRST)
    files = {**card["files"], _FIRST: _sha256(folder / _FIRST)}
    _write_card({**card, "first_stage": about, "files": files}, folder)


def _write_card(card: dict[str, Any], folder: Path) -> None:
    (folder / _CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_card(name: str | Path) -> tuple[Path, dict[str, Any]]:
    """Find a model by its shipped name or its folder and read its card; ModelError if it is none."""
    folder = MODELS / str(name) if (MODELS / str(name) / _CARD).is_file() else Path(name)
    path = folder / _CARD
    if not path.is_file():
        shipped = ", ".join(sorted(p.parent.name for p in MODELS.glob(f"*/{_CARD}"))) or "none"
        raise ModelError(
            f"{name}: no model was found under that name or in that folder. "
            f"Models that come with the program: {shipped}. A folder made by `equity-frames train` works too."
        )
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: the model's description cannot be read ({error}). Install or train it again."
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        found = card.get("format") if isinstance(card, dict) else type(card).__name__
        raise ModelError(
            f"{path}: this program reads model format {FORMAT}, the folder holds {found!r}. Train the model again."
        )
    return folder, card


def load_model(
    name: str | Path = DEFAULT_MODEL,
    *,
    fast: bool = False,
    precision: Precision = "auto",
    backend: str = AUTO,
) -> FrameModel:
    """Load a model by shipped name or folder, after checking every file against its hash.

    ``fast`` puts its first stage before the encoder. ``backend`` says what runs the encoder; BackendError
    if it cannot (see ``classifiers.backends``).
    """
    folder, card = read_card(name)
    if fast and _FIRST not in card["files"]:
        raise ModelError(
            f"{folder}: this model has no first stage to make it fast. Use it as it is, or train it again."
        )
    # A model without its first stage is the same model whatever that stage is.
    used = {name: digest for name, digest in card["files"].items() if fast or name != _FIRST}
    for relative, expected in used.items():
        path = folder / relative
        if not path.is_file():
            raise ModelError(f"{path}: this file of the model is missing. Install or train the model again.")
        if _sha256(path) != expected:
            raise ModelError(
                f"{path}: the file is not the one the model was made with (its SHA-256 differs). "
                "Install or train the model again; do not use its codings."
            )
    arrays = load_file(folder / _HEAD)
    vocabulary = json.loads((folder / _TERMS).read_text(encoding="utf-8"))
    terms = TermWeights(most=len(vocabulary)).restore(vocabulary, arrays.pop("idf"))
    centres, floor = arrays.pop("centres", None), arrays.pop("unfamiliar_below", None)
    encoder = SentenceEncoder(
        folder / _ENCODER, precision=precision, backend=backend, max_tokens=card["max_tokens"]
    ).load()
    head = Head(**arrays, review_from=float(card["review_from"]))
    known = {"format", "name", "frames", "review_from", "max_tokens", "cues", "cue_scale"}
    return FrameModel(
        name=card["name"],
        frames=tuple(card["frames"]),
        encoder=encoder,
        cues=CueCounter(tuple(card["cues"]), scale=card["cue_scale"]).compile(),
        terms=terms,
        head=head,
        card={k: v for k, v in card.items() if k not in known} | {"files": used},
        first_stage=FirstStage.load(folder / _FIRST) if fast else None,
        familiarity=None if centres is None or floor is None else Familiarity(centres, float(floor[0])),
    )


def model_hash(card: dict[str, Any]) -> str:
    """Name a model by its content: SHA-256 over its files' hashes and its frames."""
    said = json.dumps([card.get(key) for key in ("frames", "review_from", "cues", "files")], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
