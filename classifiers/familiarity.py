"""How familiar a text is: whether the model has seen anything like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans

CENTRES = 200  # 50 told recipes from award abstracts less well; 400 no better
RARE = 0.01  # share of the corpus's own documents, from genres left out, that would be called unfamiliar
FEWEST = 3  # passages below which a document's mean says little


@dataclass(frozen=True)
class Familiarity:
    """Centres of the training passages' vectors (m, dimension), of length 1, and a floor.

    A document whose passages lie on average further than ``floor`` (a cosine) from the nearest centre is
    unlike what the model was trained on: its codings rest on nothing.
    """

    centres: NDArray[np.float32]
    floor: float

    def of(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Cosine of each vector (n, dimension) to the nearest centre; (n,)."""
        # Row by row: a product of another shape may round another way, and a text's coding be its company's.
        return np.array([(self.centres @ vector).max(initial=-1.0) for vector in vectors], float)


def learn_familiarity(
    vectors: NDArray[np.float32], documents: Sequence[str], groups: Sequence[str], *, seed: int = 0
) -> Familiarity:
    """Find centres, and the floor that 1% of the documents of a left-out group (genre) would fall under.

    ``vectors`` (n, dimension) are of length 1; ``documents`` and ``groups`` (n,) say where each is from.
    """
    names, among = np.asarray(documents), np.asarray(groups)
    means: list[float] = []
    for group in sorted(set(groups)):
        inside = among == group
        if inside.all():
            continue
        left = Familiarity(_centres(vectors[~inside], seed), 0.0)
        near = left.of(vectors[inside])
        of, place, size = np.unique(names[inside], return_inverse=True, return_counts=True)
        each = np.bincount(place, weights=near, minlength=len(of)) / size
        means += each[size >= FEWEST].tolist()
    floor = float(np.quantile(means, RARE)) if means else -1.0
    return Familiarity(_centres(vectors, seed), floor)


def _centres(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    found = MiniBatchKMeans(min(CENTRES, len(vectors)), random_state=seed, n_init=1, batch_size=2048).fit(
        vectors
    )
    centres = found.cluster_centers_
    return np.asarray(centres / np.linalg.norm(centres, axis=1, keepdims=True), np.float32)
