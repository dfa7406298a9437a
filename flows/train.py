"""Train a model from a corpus of coded passages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from classifiers.frame_model import MODELS, FrameModel, save_model
from classifiers.training import Examples, Progress, Trained, base_encoder, train_model
from corpora.corpus import TrainingPassage, read_corpus
from flows.first_stage import add_first_stage
from flows.models import codebook_card, codebook_cues
from labels.codebook import Codebook

# Passages written without a thought of codes read like real documents; those written to a plan of codes
# teach the plan as well (see corpora/DATASHEET.md for what each kind gave on real passages).
WEIGHTS = {"plain": 3.0, "document": 1.0, "single": 0.0}
JUDGED = "plain"
HELD_OUT = "held_out.csv"
COMPARISON = MODELS.parent / "comparison.json"


def as_examples(passages: list[TrainingPassage], codebook: Codebook) -> Examples:
    """Turn corpus passages into what classifiers learn from; genres are the groups."""
    return Examples(
        texts=[p.text for p in passages],
        labels=np.array([[f in p.frames for f in codebook.frame_ids] for p in passages], bool),
        groups=[p.genre for p in passages],
        weights=np.array([WEIGHTS.get(p.manner, 1.0) for p in passages]),
        judged=np.array([p.manner == JUDGED for p in passages]),
        documents=[p.document or p.id for p in passages],
    )


def train(
    corpus: Path | None,
    out: Path,
    codebook: Codebook,
    *,
    recipe: str,
    seed: int = 0,
    progress: Progress | None = None,
) -> FrameModel:
    """Train on a corpus folder (the shipped one by default) and write the model to ``out``.

    ``held_out.csv`` beside it says how passages of held-out genres were coded: id, genre, a probability
    a frame, that of any frame, and the frames coded.
    """
    passages = read_corpus(corpus, frames=codebook.frame_ids)
    trained = train_model(
        as_examples(passages, codebook),
        codebook.frame_ids,
        recipe=recipe,
        base=base_encoder(),
        name=out.name,
        codebook=codebook_card(codebook),
        cues=codebook_cues(codebook),
        seed=seed,
        progress=progress,
    )
    out.mkdir(parents=True, exist_ok=True)
    held_out_table(trained, passages).to_csv(out / HELD_OUT, index=False, float_format="%.4f")
    save_model(trained.model, out)
    add_first_stage(out, trained.model, as_examples(passages, codebook), trained.held_out.coded, seed=seed)
    return trained.model


def held_out_table(trained: Trained, passages: list[TrainingPassage]) -> pd.DataFrame:
    """Return how passages of held-out genres were coded, one row a passage."""
    frames, codings = trained.model.frames, trained.held_out
    rows = [passages[i] for i in trained.judged.tolist()]
    table = pd.DataFrame({"id": [p.id for p in rows], "genre": [p.genre for p in rows]})
    for k, frame in enumerate(frames):
        table[f"p_{frame}"] = codings.probabilities[:, k]
    table["p_any"] = codings.any_frame
    table["frames"] = [
        " ".join(f for f, on in zip(frames, coded, strict=True) if on) for coded in codings.coded
    ]
    table["needs_review"] = codings.needs_review
    return table


def how_it_did(model: FrameModel, *, kinds: bool) -> list[str]:
    """Say in lines of text how a model coded genres it had not seen.

    ``kinds``: also what other kinds of model reached when they were compared on the corpus that comes
    with the program (``classifiers/comparison.json``).
    """
    held_out = model.card["held_out"]
    trained = model.card["trained_on"]["passages"]
    lines = [f"Trained on {trained} passages. On {held_out['n']} of genres held out of training:"]
    lines += [
        f"  {name}: precision {m['precision']:.2f}, recall {m['recall']:.2f}, F1 {m['f1']:.2f}"
        for name, m in held_out["per_frame"].items()
    ]
    lines.append(
        f"  macro-F1 {held_out['macro_f1']:.3f}, any frame {held_out['any_frame_f1']:.3f}, "
        f"calibration error {held_out['ece']:.3f}"
    )
    if kinds:
        for part in json.loads(COMPARISON.read_text(encoding="utf-8"))["shares"].values():
            lines.append(
                f"Kinds of model, each trained on half of the genres of {part['passages']} passages:"
            )
            lines.append("  macro-F1 on the other half   on real passages")
            lines += [
                f"  {line['held_out']['macro_f1']:.3f}                        {line['real']['macro_f1']:.3f}   {name}"
                for name, line in part["lines"].items()
            ]
    return lines
