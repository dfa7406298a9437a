"""The sentence encoder tuned on codings, with a multi-label head, and what words say beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import csr_matrix, hstack

from classifiers.cues import CueCounter
from classifiers.encoder import Precision, SentenceEncoder, load_sentence_transformer
from classifiers.head import LinearHead
from classifiers.linear import LinearTextClassifier
from classifiers.terms import TermWeights
from classifiers.texts import check_labels, check_texts
from classifiers.tuning import Told, body_parameters, rounds_of_batches, train_steps

if TYPE_CHECKING:
    import torch

WINDOW = 192  # tokens while training: 99% of the corpus's passages fit, and time grows with it
HEAD_RATE = 5  # the head learns this many times faster than the encoder


class FinetunedClassifier(LinearTextClassifier):
    """All layers of the encoder and one linear output a frame, trained together.

    The head starts as a logistic regression on the vectors of the encoder as it was, so that tuning
    begins from what it knows instead of tearing it down (Kumar et al., ICLR 2022). Then binary
    cross-entropy over outputs; see ``train_steps``.

    With ``cues`` or ``terms`` a second logistic regression learns from words alone, and the logits of
    the two are added, the words' with ``words_weight``: the tuned encoder knows what words mean,
    the words are not led astray by what passages are about. Both are linear, so the sum is one head.

    After ``fit``: see ``LinearTextClassifier``. ``told`` hears of progress.
    """

    def __init__(
        self,
        encoder_path: str | Path | None = None,
        *,
        cues: Sequence[str] = (),
        terms: int = 0,
        words_weight: float = 1.0,
        epochs: int = 3,
        learning_rate: float = 1e-4,
        batch_size: int = 32,
        smoothing: float = 0.02,
        C: float = 4.0,
        precision: Precision = "auto",
        random_state: int = 0,
        told: Told | None = None,
    ) -> None:
        self.encoder_path = encoder_path
        self.cues = cues
        self.terms = terms
        self.words_weight = words_weight
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.smoothing = smoothing
        self.C = C
        self.precision = precision
        self.random_state = random_state
        self.told = told

    def fit(self, X: Sequence[str], y: Any, sample_weight: Any = None) -> Self:
        """Tune on texts and codings (n texts, n outputs); codings may be soft, between 0 and 1.

        ``sample_weight`` (n texts,) says how much each text counts; its mean is made 1.
        """
        texts = check_texts(X)
        hard = check_labels(np.asarray(y) >= 0.5, len(texts)).astype(int)
        soft = np.clip(np.asarray(y, np.float32), self.smoothing, 1 - self.smoothing)
        counts = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, float)
        counts = counts / counts.mean()
        weight, bias = self._tune(texts, soft, hard, counts)
        self.cues_ = CueCounter(self.cues).compile()
        self.terms_ = TermWeights(most=self.terms).fit(texts)
        if self.cues or self.terms:
            said = csr_matrix(hstack([csr_matrix(self.cues_.transform(texts)), self.terms_.transform(texts)]))
            words = LinearHead(C=self.C, random_state=self.random_state).fit(said, hard, counts)
            weight = np.hstack([weight, self.words_weight * words.weight_])
            bias = bias + self.words_weight * words.bias_
        self.weight_, self.bias_ = weight, bias
        self.classes_ = np.arange(hard.shape[1])
        return self

    def _tune(
        self,
        texts: list[str],
        soft: np.ndarray[Any, Any],
        hard: np.ndarray[Any, Any],
        counts: np.ndarray[Any, Any],
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        import torch

        torch.manual_seed(self.random_state)
        before = SentenceEncoder(self.encoder_path, precision=self.precision).load().transform(texts)
        start = LinearHead(C=self.C, random_state=self.random_state).fit(before, hard, counts)
        model = load_sentence_transformer(self.encoder_path, max_tokens=WINDOW).float().train()
        head = torch.nn.Linear(*reversed(start.weight_.shape))
        with torch.no_grad():
            head.weight.copy_(torch.tensor(start.weight_))
            head.bias.copy_(torch.tensor(start.bias_))
        targets, weights = torch.tensor(soft), torch.tensor(counts, dtype=torch.float32)
        ids = model.tokenizer(texts, truncation=True, max_length=WINDOW)["input_ids"]
        loss = torch.nn.BCEWithLogitsLoss(reduction="none")

        def loss_of(batch: list[int]) -> torch.Tensor:
            features = model.tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt")
            logits = head(model(dict(features))["sentence_embedding"]).float()
            each: torch.Tensor = loss(logits, targets[batch]).mean(1) * weights[batch]
            return each.mean()

        train_steps(
            [
                {"params": body_parameters(model), "lr": self.learning_rate},
                {"params": list(head.parameters()), "lr": self.learning_rate * HEAD_RATE},
            ],
            rounds_of_batches([len(i) for i in ids], self.batch_size, self.epochs, self.random_state),
            loss_of,
            precision=self.precision,
            told=self.told,
        )
        self.encoder_ = SentenceEncoder(self.encoder_path, precision=self.precision).adopt(model.eval())
        return head.weight.detach().numpy().astype(float), head.bias.detach().numpy().astype(float)
