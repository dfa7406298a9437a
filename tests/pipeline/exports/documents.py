"""Documents read as a run reads them, coded without a model."""

from __future__ import annotations

from pathlib import Path

from labels.codebook import Codebook
from pipeline.assemble import assemble
from pipeline.clean import clean_blocks
from pipeline.readers import read_file
from pipeline.records import Coding, Passage
from pipeline.split import split_passages


def passages_of(path: Path) -> list[Passage]:
    blocks, _ = clean_blocks(read_file(path).blocks)
    return split_passages(assemble(blocks, id="0" * 16, path=path.name)).passages


def code(passages: list[Passage], codebook: Codebook) -> list[tuple[Passage, Coding]]:
    """Code every passage with one frame, each with the next."""
    ids = codebook.frame_ids
    return [
        (p, Coding(p.id, {f: float(f == ids[i % len(ids)]) for f in ids}, 1.0, (ids[i % len(ids)],),
                   ids[i % len(ids)], False))
        for i, p in enumerate(passages)
    ]  # fmt: skip
