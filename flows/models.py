"""Find the model for a codebook: the one trained for it, or a starter made of the codebook's examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from classifiers.frame_model import DEFAULT_MODEL, FrameModel, ModelError, load_model, read_card
from classifiers.training import Examples, train_model
from flows.settings import UsageError
from labels.codebook import NO_FRAME, Codebook, Frame

STARTER = "starter"
MIN_EXAMPLES = 4  # positive examples a frame, below which a starter model is noise
STARTER_FOLDS = 4


def codebook_card(codebook: Codebook) -> dict[str, str]:
    """Return what a model's card says of its codebook."""
    return {"id": codebook.id, "version": codebook.version, "hash": codebook.hash}


def codebook_cues(codebook: Codebook) -> tuple[str, ...]:
    """Return every keyword of a codebook once, in order."""
    return tuple(dict.fromkeys(keyword for frame in codebook.frames for keyword in frame.keywords))


def check_model(codebook: Codebook, name: str | None) -> None:
    """Raise UsageError at once, before any model is loaded, if the model cannot serve the codebook."""
    try:
        _, card = read_card(name or DEFAULT_MODEL)
    except ModelError as error:
        raise UsageError(str(error)) from error
    if _made_for(card, codebook):
        return
    if name is not None:
        raise UsageError(
            f"The model {name} was trained for the codebook {card['codebook']['id']} "
            f"({', '.join(card['frames'])}), not for {codebook.id} ({', '.join(codebook.frame_ids)}). "
            "Leave --model out, or train one with `equity-frames train --codebook FILE --corpus DIR --out DIR`."
        )
    poor = [f.name for f in codebook.frames if len(_positives(f)) < MIN_EXAMPLES]
    if poor:
        raise UsageError(
            f"No trained model knows the codebook {codebook.id}. A starter model can be made from the "
            f"codebook's own examples, but it needs {MIN_EXAMPLES} positive examples a frame, and these have "
            f"fewer: {', '.join(poor)}. Add examples under frames → examples → positive, or train a model with "
            "`equity-frames train --codebook FILE --corpus DIR --out DIR`."
        )


def model_for(codebook: Codebook, name: str | None) -> tuple[FrameModel, tuple[str, ...]]:
    """Load the model for a codebook; the second part warns of what readers of its codings should know."""
    try:
        model = load_model(name or DEFAULT_MODEL)
    except ModelError as error:
        raise UsageError(str(error)) from error
    card = {**model.card, "frames": model.frames}
    if _made_for(card, codebook):
        if card["codebook"]["hash"] == codebook.hash:
            return model, ()
        return model, ("the model was trained with an earlier wording of this codebook",)
    check_model(codebook, name)
    warning = (
        f"the codings come from a starter model made of the {codebook.id} codebook's own examples; "
        "its accuracy has not been measured, so check its codings by hand"
    )
    return make_starter(codebook, model), (warning,)


def make_starter(codebook: Codebook, base: FrameModel) -> FrameModel:
    """Make a model for a user's codebook from its definitions and examples, on the shipped encoder."""
    coded: dict[str, set[str]] = {}
    for frame in codebook.frames:
        coded.setdefault(frame.definition, set()).add(frame.id)
        for example in frame.examples.positive:
            coded.setdefault(example.text, set()).update(set(example.coded) - {NO_FRAME}, {frame.id})
        for example in frame.examples.near_miss:
            coded.setdefault(example.text, set()).update(set(example.coded) - {NO_FRAME})
    for call in codebook.close_calls:
        for example in call.examples:
            coded.setdefault(example.text, set()).update(set(example.coded) - {NO_FRAME})
    for example in codebook.none.examples:
        coded.setdefault(example.text, set())
    texts = sorted(coded)
    labels = np.array([[f in coded[t] for f in codebook.frame_ids] for t in texts])
    folds = np.arange(len(texts)) % STARTER_FOLDS  # sorted texts, so the parts are mixed and always the same
    starter = train_model(
        Examples.equal(texts, labels, [str(f) for f in folds]),
        codebook.frame_ids,
        recipe="starter",
        base=Path(str(base.encoder.path)),
        name=STARTER,
        codebook=codebook_card(codebook),
        cues=codebook_cues(codebook),
        folds=STARTER_FOLDS,
    ).model
    # A few dozen examples say nothing of what documents are like, so a starter warns of none.
    return replace(starter, familiarity=None, card={**starter.card, "files": base.card.get("files", {})})


def _made_for(card: dict[str, object], codebook: Codebook) -> bool:
    known = card["codebook"]
    return (
        isinstance(known, dict)
        and known.get("id") == codebook.id
        and tuple(card["frames"]) == codebook.frame_ids  # type: ignore[arg-type]  # a JSON list
    )


def _positives(frame: Frame) -> set[str]:
    return {e.text for e in frame.examples.positive}
