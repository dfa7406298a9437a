"""The sentence encoder: texts in, vectors out, offline, from a folder on disk."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from tokenizers import Tokenizer

from classifiers.backends import AUTO, BACKENDS, REFERENCE, best_precision, choose_backend, run_of
from classifiers.batches import run_all
from classifiers.texts import check_texts, text_tags

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["auto", "bfloat16", "float32"]
MAX_TOKENS = 256  # all-MiniLM-L6-v2 was trained to 256; its tokenizer file stops at 128 unless told
_CONFIG, _TOKENIZER = "config.json", "tokenizer.json"


class SentenceEncoder(TransformerMixin, BaseEstimator):
    """A scikit-learn transformer around a sentence-transformers model in a local folder.

    ``transform`` turns ``n`` texts into an array (n, dimension) of float32, rows of length 1
    where the model normalises. A text's vector is the same to the bit whatever it is encoded with (see
    ``classifiers.batches``). Texts longer than ``max_tokens`` tokens are cut by the encoder;
    ``count_tokens`` lets the caller split them first.

    ``backend`` is a name of ``classifiers.backends.BACKENDS``, or "auto" for the fastest that is installed;
    after ``load``, ``backend_`` and ``precision_`` say what was chosen.

    Nothing is fetched: ``path`` must be a folder. FileNotFoundError if it is not.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        precision: Precision = "auto",
        backend: str = AUTO,
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        self.path = path
        self.precision = precision
        self.backend = backend
        self.max_tokens = max_tokens

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        """Load the model; texts teach it nothing."""
        check_texts(X)
        return self.load()

    def load(self) -> Self:
        """Load the model from its folder, once."""
        folder = encoder_folder(self.path)
        self.precision_ = best_precision() if self.precision == "auto" else self.precision
        self.backend_ = choose_backend(self.backend, folder)
        self.run_ = BACKENDS[self.backend_].load(folder, self.precision_)
        self._tokenize_with(Tokenizer.from_file(str(folder / _TOKENIZER)))
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        self.dimension_, self.padding_ = int(config["hidden_size"]), int(config.get("pad_token_id") or 0)
        return self

    def adopt(self, model: SentenceTransformer) -> Self:
        """Use a model that is already in memory, in this encoder's precision and window."""
        self.precision_ = best_precision() if self.precision == "auto" else self.precision
        self.backend_ = REFERENCE
        self.run_ = run_of(model, self.precision_)
        self.model_ = model
        self._tokenize_with(Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str()))
        self.dimension_ = int(model.get_embedding_dimension() or 0)
        self.padding_ = int(model.tokenizer.pad_token_id or 0)
        return self

    def save(self, folder: Path) -> None:
        """Write the encoder's files, weights in bfloat16, to a folder that ``load`` reads."""
        check_is_fitted(self, "run_")
        if hasattr(self, "model_"):
            self.model_.bfloat16().save_pretrained(str(folder), create_model_card=False)
        else:
            shutil.copytree(encoder_folder(self.path), folder, dirs_exist_ok=True)

    def transform(self, X: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts; shape (n, dimension), float32."""
        check_is_fitted(self, "run_")
        texts = check_texts(X)
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        ids = [encoded.ids for encoded in self.cutting_.encode_batch_fast(texts)]
        for places, found in run_all(self.run_, ids, padding=self.padding_):
            vectors[places] = found
        return vectors

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return self.dimension_

    @property
    def runs_on(self) -> str:
        """The back end with its version; with the precision, all that decides a vector's last bits."""
        return f"{self.backend_} {BACKENDS[self.backend_].version}"

    def count_tokens(self, text: str) -> int:
        """Count the tokens the encoder would see, its two special ones included."""
        check_is_fitted(self, "run_")
        return len(self.tokenizer_.encode_batch_fast([text])[0])

    def token_vectors(self, texts: Sequence[str]) -> list[tuple[NDArray[np.float32], list[tuple[int, int]]]]:
        """Encode texts token by token, before pooling, for attribution.

        One entry a text: vectors (tokens, dimension) and each token's code-point span in the
        text; special tokens have the span (0, 0).
        """
        check_is_fitted(self, "run_")
        encoded = self.cutting_.encode_batch(list(texts))
        by_place: dict[int, tuple[NDArray[np.float32], list[tuple[int, int]]]] = {}
        every = run_all(self.run_, [e.ids for e in encoded], padding=self.padding_, tokens=True)
        for places, vectors in every:
            for place, vector in zip(places, vectors, strict=True):
                spans = [(int(a), int(b)) for a, b in encoded[place].offsets]
                by_place[place] = (vector[: len(spans)], spans)
        return [by_place[i] for i in range(len(texts))]

    def _tokenize_with(self, tokenizer: Tokenizer) -> None:
        """Keep the tokenizer twice: one that cuts at ``max_tokens`` and one that shows all there is."""
        tokenizer.no_padding()
        tokenizer.no_truncation()  # the file's own rule (all-MiniLM-L6-v2 stops at 128) is not ours
        self.tokenizer_ = tokenizer
        self.cutting_ = Tokenizer.from_str(tokenizer.to_str())
        self.cutting_.enable_truncation(self.max_tokens)

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def encoder_folder(path: str | Path | None) -> Path:
    """Return the folder of an encoder; FileNotFoundError if none is there."""
    if path is None or not Path(path).is_dir():
        raise FileNotFoundError(f"{path}: no encoder folder is there. Name a folder that holds one.")
    return Path(path)


def load_sentence_transformer(
    path: str | Path | None, *, max_tokens: int = MAX_TOKENS
) -> SentenceTransformer:
    """Load a sentence-transformers model from a folder with every network path shut."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # a folder is all we read; never ask a hub, even for a check
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # no threads to warn about after a fork
    folder = encoder_folder(path)
    import transformers
    from sentence_transformers import SentenceTransformer

    # It advises float32 on every bfloat16 load; best_precision has asked the processor.
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped there
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    # The saved tokenizer may truncate by itself (all-MiniLM-L6-v2's stops at 128); ours to decide.
    model.tokenizer.backend_tokenizer.no_truncation()
    model.max_seq_length = max_tokens
    return model
