"""The first stage of a fast model: from words alone, which texts surely carry no frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from scipy.special import expit


@dataclass(frozen=True)
class FirstStage:
    """A linear model of cues and terms, one output a frame and a last one for "any frame".

    ``weight`` (k + 1, cues + terms), ``bias``, ``slope`` and ``offset`` (k + 1,): logits of words, and
    Platt scaling of them. A text whose probability of any frame is under ``pass_below`` is passed over:
    the encoder does not read it, and its probabilities are those of this stage.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    pass_below: float

    def probabilities(self, words: csr_matrix) -> NDArray[np.float64]:
        """Turn cues and terms (n, cues + terms) into probabilities (n, k + 1); none exceeds that of any frame."""
        logits = np.asarray(words @ self.weight.T.astype(float) + self.bias, float)
        found = np.asarray(expit(logits * self.slope + self.offset), float)
        return np.asarray(np.minimum(found, found[:, -1:]), float)

    def hands_on(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say from its ``probabilities`` (n, k + 1) which texts the encoder has to read; (n,)."""
        return np.asarray(probabilities[:, -1] >= self.pass_below)

    def save(self, path: Path) -> None:
        """Write it as arrays."""
        arrays = {"bias": self.bias, "slope": self.slope, "offset": self.offset}
        below = np.array([self.pass_below])
        save_file({"weight": np.ascontiguousarray(self.weight), **arrays, "pass_below": below}, path)

    @classmethod
    def load(cls, path: Path) -> FirstStage:
        """Read what ``save`` wrote."""
        arrays = load_file(path)
        pass_below = float(arrays.pop("pass_below")[0])
        return cls(**arrays, pass_below=pass_below)
