"""The training loop that the tuned classifiers share: AdamW, warm-up and decay, batches of like length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.backends import best_precision
from classifiers.encoder import Precision

if TYPE_CHECKING:
    import torch

Told = Callable[[int, int, float], None]  # steps done, steps in all, mean loss lately
WARM_UP = 0.1  # of the steps


def train_steps(
    groups: Sequence[dict[str, Any]],
    batches: Sequence[Any],
    loss_of: Callable[[Any], torch.Tensor],
    *,
    weight_decay: float = 0.01,
    precision: Precision = "auto",
    told: Told | None = None,
) -> None:
    """Take one step of AdamW a batch: linear warm-up (10%) and decay, gradients clipped at length 1.

    ``groups`` are PyTorch parameter groups with ``params`` and ``lr``; ``batches`` hold whatever
    ``loss_of`` understands. The forward pass runs in bfloat16 where the processor is fast at it.
    """
    import torch

    steps = len(batches)
    optimizer = torch.optim.AdamW(list(groups), weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (WARM_UP * steps), max(0.0, (steps - s) / ((1 - WARM_UP) * steps)))
    )
    tuned = [p for group in groups for p in group["params"]]
    autocast = (best_precision() if precision == "auto" else precision) == "bfloat16"
    lately = 0.0
    for step, batch in enumerate(batches, 1):
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            loss = loss_of(batch).float()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimizer.step()
        schedule.step()
        lately += (loss.item() - lately) / min(step, 50)
        if told:
            told(step, steps, lately)


def body_parameters(model: torch.nn.Module) -> list[torch.nn.Parameter]:
    """Leave the word vectors alone and return the rest to tune.

    Half the weights are word vectors: left alone, rare words keep a meaning a small corpus cannot teach.
    """
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "word_embeddings" not in name
    return [p for p in model.parameters() if p.requires_grad]


def rounds_of_batches(lengths: Sequence[int], size: int, rounds: int, seed: int) -> list[list[int]]:
    """Go ``rounds`` times over texts of these ``lengths`` in batches of like length, shuffled anew each time."""
    rng = np.random.default_rng(seed)
    return [batch for _ in range(rounds) for batch in batches_of_like_length(lengths, size, rng)]


def batches_of_like_length(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """Shuffle, then sort by length within pools of 20 batches: little padding, still random."""
    order = rng.permutation(len(lengths))
    pool = size * 20
    batches = []
    for first in range(0, len(order), pool):
        part = sorted(order[first : first + pool].tolist(), key=lambda i: lengths[i])
        batches += [part[k : k + size] for k in range(0, len(part), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
