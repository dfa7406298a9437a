"""The encoder's back ends: ways to run the same weights, the fastest first."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from classifiers.batches import Run
from classifiers.bert import is_plain_bert
from classifiers.bert_openvino import load_openvino
from classifiers.bert_torch import load_torch

Precision = Literal["bfloat16", "float32"]
AUTO = "auto"
REFERENCE = "sentence-transformers"


class BackendError(ValueError):
    """A back end cannot be used; the text says which, why and what to do."""


@dataclass(frozen=True)
class Backend:
    """One way to run an encoder: the package it needs, what it can read, and how it is loaded."""

    package: str
    reads: Callable[[Path], bool]
    load: Callable[[Path, Precision], Run]

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return importlib.util.find_spec(self.package.replace("-", "_")) is not None

    @property
    def version(self) -> str:
        """The version of its package."""
        return version(self.package)


def load_reference(folder: Path, precision: Precision) -> Run:
    """Load the encoder with sentence-transformers, whatever kind it is."""
    from classifiers.encoder import load_sentence_transformer

    return run_of(load_sentence_transformer(folder), precision)


def run_of(model: Any, precision: Precision) -> Run:
    """Return what runs a batch on a SentenceTransformer, which is put into ``precision``."""
    import torch

    model = (model.bfloat16() if precision == "bfloat16" else model.float()).eval()
    usual = torch.get_num_threads()

    def run(ids: Any, mask: Any, tokens: bool) -> Any:
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                said = model({"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)})
                return said["token_embeddings" if tokens else "sentence_embedding"].float().numpy()
        finally:
            torch.set_num_threads(usual)

    return run


# On one core with AMX: OpenVINO 292 passages/s, PyTorch 235, both in bfloat16; in float32 90 and 80. onnxruntime
# is not here: its float32 gave 82, and it has no bfloat16.
BACKENDS: dict[str, Backend] = {
    "openvino": Backend("openvino", is_plain_bert, load_openvino),
    "torch": Backend("torch", is_plain_bert, load_torch),
    REFERENCE: Backend("sentence-transformers", lambda folder: True, load_reference),
}


def choose_backend(wanted: str, folder: Path) -> str:
    """Return the back end to use for the encoder in ``folder``: the one wanted, or the fastest there is.

    All give the same codings (see ``benchmarks/encoding.py``). BackendError if the one wanted is unknown,
    not installed, or cannot read this encoder.
    """
    if wanted == AUTO:
        return next(name for name, b in BACKENDS.items() if b.installed and b.reads(folder))
    if wanted not in BACKENDS:
        raise BackendError(f"{wanted}: no back end of that name. There are: {', '.join((AUTO, *BACKENDS))}.")
    if not BACKENDS[wanted].installed:
        raise BackendError(
            f"The back end {wanted} is not installed. Install it with: pip install 'equity-frames[{wanted}]', "
            f"or use --backend {AUTO}."
        )
    if not BACKENDS[wanted].reads(folder):
        raise BackendError(
            f"The back end {wanted} cannot run the encoder in {folder}, which is of another kind. Use --backend {AUTO}."
        )
    return wanted


def best_precision() -> Precision:
    """Choose the fastest number format that loses nothing on this processor.

    bfloat16 is 2 to 4 times float32 where the processor multiplies tiles of it (AMX), at a
    cosine of 0.9999 or better to float32; elsewhere it is slower, so float32 is kept. Linux says what
    the processor has; elsewhere such processors are servers' and rare, and float32 is kept too.
    """
    told = Path("/proc/cpuinfo")
    has_tiles = told.is_file() and " amx_bf16" in told.read_text(encoding="utf-8", errors="replace")
    return "bfloat16" if has_tiles else "float32"
