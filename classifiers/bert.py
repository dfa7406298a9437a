"""Read a BERT sentence encoder's files as plain arrays, for back ends that build the network themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import deserialize

LAYER = "encoder.layer."


@dataclass(frozen=True)
class Bert:
    """The network: its arrays by name (float32), attention heads, layers, and what norms add to a variance.

    Mean pooling over tokens and rows of length 1 follow the last layer.
    """

    weights: dict[str, NDArray[np.float32]]
    heads: int
    layers: int
    epsilon: float

    @property
    def width(self) -> int:
        """Length of a token's vector, and of a text's."""
        return int(self.weights["embeddings.word_embeddings.weight"].shape[1])


def is_plain_bert(folder: Path) -> bool:
    """Say whether the folder holds what ``read_bert`` reads: BERT with GELU, mean pooling, normalised rows."""
    try:
        config, modules = _json(folder / "config.json"), _json(folder / "modules.json")
        kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
        pooling = _json(folder / modules[1]["path"] / "config.json") if len(modules) == 3 else {}
    except (OSError, ValueError, KeyError, IndexError):
        return False
    return (
        (config.get("model_type"), config.get("hidden_act")) == ("bert", "gelu")
        and config.get("position_embedding_type", "absolute") == "absolute"
        and kinds == ["Transformer", "Pooling", "Normalize"]
        and _pools_by_mean(pooling)
        and (folder / "model.safetensors").is_file()
    )


def read_bert(folder: Path) -> Bert:
    """Read the encoder's weights and shape; KeyError or ValueError where ``is_plain_bert`` would say no."""
    config = _json(folder / "config.json")
    tensors = deserialize((folder / "model.safetensors").read_bytes())  # type: ignore[no-untyped-call]  # untyped there
    weights = {
        name: _as_float32(tensor["data"], tensor["dtype"]).reshape(tensor["shape"])
        for name, tensor in tensors
        if tensor["dtype"] in {"BF16", "F32"}  # older files also carry the numbers 0 to 511, as integers
    }
    return Bert(weights, config["num_attention_heads"], config["num_hidden_layers"], config["layer_norm_eps"])


def _as_float32(data: bytearray, kind: str) -> NDArray[np.float32]:
    if kind == "F32":
        return np.frombuffer(data, np.float32)
    # bfloat16 is the upper half of a float32, and numpy has no name for it
    return (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32)


def _pools_by_mean(pooling: dict[str, Any]) -> bool:
    old = sorted(k for k, on in pooling.items() if k.startswith("pooling_mode_") and on)
    return pooling.get("pooling_mode") == "mean" or old == ["pooling_mode_mean_tokens"]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
