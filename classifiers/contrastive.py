"""The encoder tuned on pairs, so that passages coded alike lie together; then a logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from classifiers.cues import CueCounter
from classifiers.encoder import Precision, SentenceEncoder, load_sentence_transformer
from classifiers.finetuned import WINDOW
from classifiers.head import LinearHead
from classifiers.linear import LinearTextClassifier
from classifiers.terms import TermWeights
from classifiers.texts import check_labels, check_texts
from classifiers.tuning import Told, body_parameters, rounds_of_batches, train_steps

if TYPE_CHECKING:
    import torch


class ContrastiveClassifier(LinearTextClassifier):
    """Tune the encoder until the cosine of two passages is the overlap of their codings.

    The overlap is Jaccard's: 1 for the same set of frames (none with none too), 0 for nothing in common;
    every pair within a batch counts. Then a logistic regression an output on the tuned vectors.
    In the manner of SetFit (Tunstall et al., 2022), which draws pairs instead of taking all of a batch.
    After ``fit``: see ``LinearTextClassifier``.
    """

    def __init__(
        self,
        encoder_path: str | Path | None = None,
        *,
        epochs: int = 1,
        learning_rate: float = 5e-5,
        batch_size: int = 32,
        C: float = 4.0,
        precision: Precision = "auto",
        random_state: int = 0,
        told: Told | None = None,
    ) -> None:
        self.encoder_path = encoder_path
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.C = C
        self.precision = precision
        self.random_state = random_state
        self.told = told

    def fit(self, X: Sequence[str], y: Any, sample_weight: Any = None) -> Self:
        """Tune on texts and codings (n texts, n outputs); weights count in the regression only."""
        import torch

        texts = check_texts(X)
        labels = check_labels(y, len(texts)).astype(int)
        torch.manual_seed(self.random_state)
        model = load_sentence_transformer(self.encoder_path, max_tokens=WINDOW).float().train()
        ids = model.tokenizer(texts, truncation=True, max_length=WINDOW)["input_ids"]

        def loss_of(batch: list[int]) -> torch.Tensor:
            features = model.tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt")
            vectors = torch.nn.functional.normalize(
                model(dict(features))["sentence_embedding"].float(), dim=1
            )
            apart = ~torch.eye(len(batch), dtype=torch.bool)
            wanted = torch.tensor(overlap(labels[batch]), dtype=torch.float32)
            return ((vectors @ vectors.T - wanted)[apart] ** 2).mean()

        train_steps(
            [{"params": body_parameters(model), "lr": self.learning_rate}],
            rounds_of_batches([len(i) for i in ids], self.batch_size, self.epochs, self.random_state),
            loss_of,
            precision=self.precision,
            told=self.told,
        )
        self.encoder_ = SentenceEncoder(self.encoder_path, precision=self.precision).adopt(model.eval())
        self.cues_, self.terms_ = CueCounter().compile(), TermWeights(most=0).fit([])
        head = LinearHead(C=self.C, random_state=self.random_state)
        head.fit(self.features(texts), labels, sample_weight)
        self.weight_, self.bias_ = head.weight_, head.bias_
        self.classes_ = np.arange(labels.shape[1])
        return self


def overlap(labels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Jaccard overlap of each pair of codings (n, k); (n, n), and 1 where both are empty."""
    both = labels @ labels.T
    sizes = labels.sum(1)
    either = sizes[:, None] + sizes[None, :] - both
    return np.asarray(np.divide(both, either, out=np.ones(both.shape), where=either > 0))
