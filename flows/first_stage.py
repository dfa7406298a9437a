"""Give a model the first stage that makes it fast; its encoder stays as it is.

``equity-frames train`` does so at its end. ``python -m flows.first_stage MODEL --gold FILE`` does it again for
a model that is there, from the shipped corpus, and says how the real passages of FILE fare.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifiers.frame_model import FrameModel, load_model, read_card, save_first_stage
from classifiers.passing import MOST_MISSED, learn_first_stage, missed
from classifiers.training import Examples
from labels.gold import GoldRow


def add_first_stage(
    folder: Path,
    model: FrameModel,
    examples: Examples,
    held_out: NDArray[np.bool_],
    *,
    seed: int = 0,
    gold: Sequence[GoldRow] = (),
) -> dict[str, Any]:
    """Learn a first stage for ``model``, saved in ``folder``, write it there and return what its card says.

    ``held_out`` (n judged, k) are the model's own codings of the judged examples. What is passed over is
    counted against the readers' codings and against the model's; on ``gold`` too, where there is any.
    """
    learnt = learn_first_stage(examples, model.cues, model.terms, seed=seed)
    about: dict[str, Any] = {
        "most_missed": MOST_MISSED,
        "pass_below": learnt.stage.pass_below,
        "corpus": _both(learnt.passed, examples.labels[examples.judged], held_out, model.frames),
    }
    save_first_stage(learnt.stage, about, folder)
    if gold:
        texts = [row.text for row in gold]
        readers = np.array([[f in row.frames for f in model.frames] for row in gold], bool)
        passed = ~load_model(folder, fast=True).read_by_encoder(texts)
        about["real"] = _both(passed, readers, model.code(texts).coded, model.frames)
        save_first_stage(learnt.stage, about, folder)
    return about


def _both(
    passed: NDArray[np.bool_], readers: NDArray[np.bool_], model: NDArray[np.bool_], frames: Sequence[str]
) -> dict[str, Any]:
    return {
        "coded_by_readers": missed(passed, readers, frames),
        "coded_by_model": missed(passed, model, frames),
    }


def main() -> None:
    """Add a first stage to a saved model from the command line."""
    from corpora.corpus import read_corpus
    from flows.train import HELD_OUT, as_examples  # which calls this module at its end
    from labels.codebook import load_codebook
    from labels.gold import read_gold

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="a model that comes with the program, or its folder")
    parser.add_argument("--gold", type=Path, help="coded passages, JSON Lines")
    asked = parser.parse_args()
    folder, card = read_card(asked.model)
    codebook = load_codebook(card["codebook"]["id"])
    table = pd.read_csv(folder / HELD_OUT, usecols=["frames"], keep_default_na=False)
    held_out = np.array([[f in said.split() for f in card["frames"]] for said in table["frames"]], bool)
    examples = as_examples(read_corpus(frames=codebook.frame_ids), codebook)
    gold = read_gold(asked.gold, codebook) if asked.gold else ()
    add_first_stage(folder, load_model(folder), examples, held_out, gold=gold)


if __name__ == "__main__":
    main()
