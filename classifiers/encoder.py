"""The sentence encoder: texts in, vectors out, offline, from a folder on disk."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from classifiers.texts import check_texts, text_tags

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["auto", "bfloat16", "float32"]
MAX_TOKENS = 256  # all-MiniLM-L6-v2 was trained to 256; its tokenizer file stops at 128 unless told
BATCH_SIZE = 32  # 64 and 128 were slower on two cores (85 passages/s at 32, sorted by length)


def best_precision() -> Literal["bfloat16", "float32"]:
    """Choose the fastest number format that loses nothing on this processor.

    bfloat16 is 2 to 3 times float32 where the processor multiplies tiles of it (AMX), at a
    cosine of 0.9999 or better to float32; elsewhere it is slower, so float32 is kept.
    """
    import torch

    # The only question torch answers about AMX has a leading underscore; absent means no.
    has_tiles = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    return "bfloat16" if has_tiles() else "float32"


class SentenceEncoder(TransformerMixin, BaseEstimator):
    """A scikit-learn transformer around a sentence-transformers model in a local folder.

    ``transform`` turns ``n`` texts into an array (n, dimension) of float32, rows of length 1
    where the model normalises. Texts longer than ``max_tokens`` tokens are cut by the encoder;
    ``count_tokens`` lets the caller split them first.

    Nothing is fetched: ``path`` must be a folder. FileNotFoundError if it is not.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        precision: Precision = "auto",
        batch_size: int = BATCH_SIZE,
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        self.path = path
        self.precision = precision
        self.batch_size = batch_size
        self.max_tokens = max_tokens

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        """Load the model; texts teach it nothing."""
        check_texts(X)
        return self.load()

    def load(self) -> Self:
        """Load the model from its folder, once."""
        return self.adopt(load_sentence_transformer(self.path, max_tokens=self.max_tokens))

    def adopt(self, model: SentenceTransformer) -> Self:
        """Use a model that is already in memory, in this encoder's precision and window."""
        self.model_ = model
        self.model_.max_seq_length = self.max_tokens
        self.precision_ = best_precision() if self.precision == "auto" else self.precision
        if self.precision_ == "bfloat16":
            self.model_.bfloat16()
        else:
            self.model_.float()
        return self

    def transform(self, X: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts; shape (n, dimension), float32."""
        check_is_fitted(self, "model_")
        texts = check_texts(X)
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = self.model_.encode(
            texts, batch_size=self.batch_size, show_progress_bar=False, convert_to_tensor=True
        )
        result: NDArray[np.float32] = vectors.float().cpu().numpy()
        return result

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return int(self.model_.get_embedding_dimension() or 0)

    def count_tokens(self, text: str) -> int:
        """Count the tokens the encoder would see, its two special ones included."""
        check_is_fitted(self, "model_")
        return len(self.model_.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def token_vectors(self, texts: Sequence[str]) -> list[tuple[NDArray[np.float32], list[tuple[int, int]]]]:
        """Encode texts token by token, before pooling, for attribution.

        One entry a text: vectors (tokens, dimension) and each token's code-point span in the
        text; special tokens have the span (0, 0).
        """
        check_is_fitted(self, "model_")
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # like lengths together: less padding
        by_place: dict[int, tuple[NDArray[np.float32], list[tuple[int, int]]]] = {}
        for first in range(0, len(order), self.batch_size):
            places = order[first : first + self.batch_size]
            batch = [texts[i] for i in places]
            vectors = self.model_.encode(
                batch,
                batch_size=self.batch_size,
                output_value="token_embeddings",
                show_progress_bar=False,
                convert_to_numpy=False,
            )
            spans = self.model_.tokenizer(
                batch, truncation=True, max_length=self.max_tokens, return_offsets_mapping=True
            )["offset_mapping"]
            for place, vector, span in zip(places, vectors, spans, strict=True):
                by_place[place] = (
                    vector.float().cpu().numpy()[: len(span)],
                    [(int(a), int(b)) for a, b in span],
                )
        return [by_place[i] for i in range(len(texts))]

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def load_sentence_transformer(
    path: str | Path | None, *, max_tokens: int = MAX_TOKENS
) -> SentenceTransformer:
    """Load a sentence-transformers model from a folder with every network path shut."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # a folder is all we read; never ask a hub, even for a check
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # no threads to warn about after a fork
    if path is None or not Path(path).is_dir():
        raise FileNotFoundError(f"{path}: no encoder folder is there. Name a folder that holds one.")
    import transformers
    from sentence_transformers import SentenceTransformer

    # It advises float32 on every bfloat16 load; best_precision has asked the processor.
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped there
    model = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    # The saved tokenizer may truncate by itself (all-MiniLM-L6-v2's stops at 128); ours to decide.
    model.tokenizer.backend_tokenizer.no_truncation()
    model.max_seq_length = max_tokens
    return model
