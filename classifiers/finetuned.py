"""The sentence encoder tuned on codings, with a multi-label head: what the shipped model is made with."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from classifiers.cues import CueCounter
from classifiers.encoder import Precision, SentenceEncoder, best_precision, load_sentence_transformer
from classifiers.linear import LinearTextClassifier
from classifiers.terms import TermWeights
from classifiers.texts import check_labels, check_texts

WINDOW = 192  # tokens while training: 99% of the corpus's passages fit, and time grows with it
HEAD_RATE = 20  # the head starts from nothing and learns this many times faster than the encoder


class FinetunedClassifier(LinearTextClassifier):
    """All layers of the encoder and one linear output a frame, trained together.

    Binary cross-entropy over frames, AdamW, linear warm-up (10%) and decay, batches of like
    length, dropout as the encoder has it. After ``fit``: ``encoder_`` (a ``SentenceEncoder``
    holding the tuned model), ``weight_`` (n frames, dimension), ``bias_`` (n frames,).

    ``progress`` is called with (steps done, steps in all, mean loss lately).
    """

    def __init__(
        self,
        encoder_path: str | Path | None = None,
        *,
        epochs: int = 4,
        learning_rate: float = 8e-5,
        batch_size: int = 32,
        weight_decay: float = 0.01,
        smoothing: float = 0.02,
        precision: Precision = "auto",
        random_state: int = 0,
        progress: Callable[[int, int, float], None] | None = None,
    ) -> None:
        self.encoder_path = encoder_path
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.smoothing = smoothing
        self.precision = precision
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Sequence[str], y: Any, sample_weight: Any = None) -> Self:
        """Tune on texts and codings (n texts, n frames); codings may be soft, between 0 and 1.

        ``sample_weight`` (n texts,) says how much each text counts; its mean is made 1.
        """
        import torch

        texts = check_texts(X)
        hard = check_labels(np.asarray(y) >= 0.5, len(texts))
        targets = torch.tensor(np.asarray(y, np.float32)).clamp(self.smoothing, 1 - self.smoothing)
        counts = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, float)
        weights = torch.tensor(counts / counts.mean(), dtype=torch.float32)
        torch.manual_seed(self.random_state)
        rng = np.random.default_rng(self.random_state)
        model = load_sentence_transformer(self.encoder_path, max_tokens=WINDOW).float().train()
        for name, parameter in model.named_parameters():
            # Half the weights are word vectors: left alone, rare words keep a meaning a small corpus cannot teach.
            parameter.requires_grad = "word_embeddings" not in name
        tuned = [p for p in model.parameters() if p.requires_grad]
        head = torch.nn.Linear(model.get_embedding_dimension() or 0, hard.shape[1])
        with torch.no_grad():
            head.weight.zero_()
            share = torch.tensor(hard.mean(0), dtype=torch.float32).clamp(0.01, 0.99)
            head.bias.copy_(torch.log(share / (1 - share)))  # start at the corpus's own prevalence
        optimizer = torch.optim.AdamW(
            [
                {"params": tuned, "lr": self.learning_rate},
                {"params": head.parameters(), "lr": self.learning_rate * HEAD_RATE},
            ],
            weight_decay=self.weight_decay,
        )
        ids = model.tokenizer(texts, truncation=True, max_length=WINDOW)["input_ids"]
        steps = self.epochs * math.ceil(len(texts) / self.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda s: min((s + 1) / (0.1 * steps), max(0.0, (steps - s) / (0.9 * steps)))
        )
        autocast = (best_precision() if self.precision == "auto" else self.precision) == "bfloat16"
        loss_of = torch.nn.BCEWithLogitsLoss(reduction="none")
        self.started_, lately, step = time.monotonic(), 0.0, 0
        for _ in range(self.epochs):
            for batch in batches_of_like_length([len(i) for i in ids], self.batch_size, rng):
                features = model.tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt")
                with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                    vectors = model(dict(features))["sentence_embedding"]
                loss = (loss_of(head(vectors.float()), targets[batch]).mean(1) * weights[batch]).mean()
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_([*tuned, *head.parameters()], 1.0)
                optimizer.step()
                schedule.step()
                step += 1
                lately += (loss.item() - lately) / min(step, 50)
                if self.progress:
                    self.progress(step, steps, lately)
        model.eval()
        self.encoder_ = SentenceEncoder(self.encoder_path, precision=self.precision)
        self.encoder_.adopt(model)
        self.terms_ = TermWeights(most=0).fit([])
        self.cues_ = CueCounter().compile()  # what words say, the tuned encoder has learnt itself
        self.weight_ = head.weight.detach().numpy().astype(float)
        self.bias_ = head.bias.detach().numpy().astype(float)
        self.classes_ = np.arange(hard.shape[1])
        return self


def batches_of_like_length(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """Shuffle, then sort by length within pools of 20 batches: little padding, still random."""
    order = rng.permutation(len(lengths))
    pool = size * 20
    batches = []
    for first in range(0, len(order), pool):
        part = sorted(order[first : first + pool].tolist(), key=lambda i: lengths[i])
        batches += [part[k : k + size] for k in range(0, len(part), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
