"""A cross-encoder: the frame's definition and the passage read together, one shared output for all frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from classifiers.encoder import Precision, load_sentence_transformer
from classifiers.finetuned import HEAD_RATE
from classifiers.texts import check_labels, check_texts, text_tags
from classifiers.tuning import Told, body_parameters, rounds_of_batches, train_steps

if TYPE_CHECKING:
    import torch

WINDOW = 256  # tokens of definition and passage together
SPREAD = (
    16.0  # vectors have length 1: without it the output needs weights that a short training never reaches
)
PASSAGES_A_BATCH = 8  # times the definitions, so that a step sees every frame of a passage


class LabelAwareClassifier(ClassifierMixin, BaseEstimator):
    """Reads each definition with each passage and says whether the passage carries it.

    ``definitions`` are texts, one an output: since the output is shared, a codebook with other frames
    needs no new head. It costs one pass of the encoder a frame instead of one a passage.
    """

    def __init__(
        self,
        encoder_path: str | Path | None = None,
        *,
        definitions: Sequence[str] = (),
        epochs: int = 1,
        learning_rate: float = 1e-4,
        precision: Precision = "auto",
        random_state: int = 0,
        told: Told | None = None,
    ) -> None:
        self.encoder_path = encoder_path
        self.definitions = definitions
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.precision = precision
        self.random_state = random_state
        self.told = told

    def fit(self, X: Sequence[str], y: Any, sample_weight: Any = None) -> Self:
        """Tune on texts and codings (n texts, n definitions)."""
        import torch

        texts = check_texts(X)
        labels = check_labels(y, len(texts))
        if labels.shape[1] != len(self.definitions):
            raise ValueError(f"{labels.shape[1]} outputs are coded, but {len(self.definitions)} are defined.")
        torch.manual_seed(self.random_state)
        counts = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, float)
        weights = torch.tensor(counts / counts.mean(), dtype=torch.float32)
        targets = torch.tensor(labels, dtype=torch.float32)
        self.model_ = load_sentence_transformer(self.encoder_path, max_tokens=WINDOW).float().train()
        self.output_ = torch.nn.Linear(self.model_.get_embedding_dimension() or 0, 1)
        share = min(max(float(np.average(labels.mean(1), weights=counts)), 0.01), 0.99)
        torch.nn.init.constant_(
            self.output_.bias, float(np.log(share / (1 - share)))
        )  # start at the prevalence
        loss = torch.nn.BCEWithLogitsLoss(reduction="none")

        def loss_of(batch: list[int]) -> torch.Tensor:
            logits = self._logits([texts[i] for i in batch])
            each: torch.Tensor = loss(logits, targets[batch]).mean(1) * weights[batch]
            return each.mean()

        train_steps(
            [
                {"params": body_parameters(self.model_), "lr": self.learning_rate},
                {"params": list(self.output_.parameters()), "lr": self.learning_rate * HEAD_RATE},
            ],
            rounds_of_batches([len(t) for t in texts], PASSAGES_A_BATCH, self.epochs, self.random_state),
            loss_of,
            precision=self.precision,
            told=self.told,
        )
        self.model_.eval()
        self.classes_ = np.arange(labels.shape[1])
        return self

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Return logits; shape (n texts, n definitions)."""
        import torch

        check_is_fitted(self, "output_")
        texts = check_texts(X)
        logits = np.zeros((len(texts), len(self.definitions)))
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for first in range(0, len(order), PASSAGES_A_BATCH):
                batch = order[first : first + PASSAGES_A_BATCH]
                logits[batch] = self._logits([texts[i] for i in batch]).numpy()
        return logits

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Code texts; 0 or 1, shape (n texts, n definitions)."""
        return (self.decision_function(X) >= 0).astype(np.int64)

    def _logits(self, texts: list[str]) -> torch.Tensor:
        pairs = [(definition, text) for text in texts for definition in self.definitions]
        features = self.model_.tokenizer(
            [d for d, _ in pairs],
            [t for _, t in pairs],
            truncation="only_second",
            max_length=WINDOW,
            padding=True,
            return_tensors="pt",
        )
        vectors = self.model_(dict(features))["sentence_embedding"]
        logits: torch.Tensor = self.output_(SPREAD * vectors.float()).float()
        return logits.reshape(len(texts), len(self.definitions))

    def __sklearn_tags__(self) -> Any:
        tags = text_tags(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = True
        return tags
