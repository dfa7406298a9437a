"""The encoder in plain PyTorch: the same weights without the 6 s it takes to import sentence-transformers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifiers.batches import Run
from classifiers.bert import LAYER, read_bert

if TYPE_CHECKING:
    import torch

    from classifiers.backends import Precision


def load_torch(folder: Path, precision: Precision) -> Run:
    """Load the encoder; what is returned runs a batch on one thread (see ``classifiers.batches``)."""
    import torch
    from torch.nn import functional

    bert = read_bert(folder)
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    weights = {name: torch.tensor(array).to(dtype) for name, array in bert.weights.items()}
    heads, layers, epsilon, width = bert.heads, bert.layers, bert.epsilon, bert.width
    usual = torch.get_num_threads()

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(x, (width,), weights[f"{name}.weight"], weights[f"{name}.bias"], epsilon)

    def tokens_of(ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        rows, length = ids.shape
        x = weights["embeddings.word_embeddings.weight"][ids]
        x = x + weights["embeddings.token_type_embeddings.weight"][0]
        x = norm(x + weights["embeddings.position_embeddings.weight"][:length], "embeddings.LayerNorm")
        seen = mask[:, None, None, :].bool()  # always given: without a mask another kernel would run
        for layer in range(layers):
            at = f"{LAYER}{layer}."
            query, key, value = (
                linear(x, f"{at}attention.self.{part}").view(rows, length, heads, -1).transpose(1, 2)
                for part in ("query", "key", "value")
            )
            looked = functional.scaled_dot_product_attention(query, key, value, seen).transpose(1, 2)
            looked = linear(looked.reshape(rows, length, width), f"{at}attention.output.dense")
            x = norm(looked + x, f"{at}attention.output.LayerNorm")
            wide = functional.gelu(linear(x, f"{at}intermediate.dense"))
            x = norm(linear(wide, f"{at}output.dense") + x, f"{at}output.LayerNorm")
        return x

    def run(ids: NDArray[np.int64], mask: NDArray[np.int64], want_tokens: bool) -> NDArray[np.float32]:
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                attended = torch.from_numpy(mask)
                tokens = tokens_of(torch.from_numpy(ids), attended).float()
                if want_tokens:
                    return np.asarray(tokens.numpy())
                counted = attended[:, :, None].float()
                vectors = functional.normalize((tokens * counted).sum(1) / counted.sum(1), dim=1)
                return np.asarray(vectors.numpy())
        finally:
            torch.set_num_threads(usual)  # whoever trains next wants them all

    return run
