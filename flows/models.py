"""Find the model for a codebook: the one trained for it, or a starter made of the codebook's examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.frame_model import DEFAULT_MODEL, FrameModel, ModelError, load_model, read_card
from classifiers.training import Examples, train_model
from flows.settings import UsageError
from labels.codebook import NO_FRAME, Codebook, Frame

STARTER = "starter"
FAST = "fast"  # the shipped model behind its first stage; FOLDER:fast is a model of one's own so
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
        _, card = read_card(_asked(name)[0])
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
    base, fast = _asked(name)
    try:
        model = load_model(base, fast=fast)
    except ModelError as error:
        raise UsageError(str(error)) from error
    card = {**model.card, "frames": model.frames}
    if _made_for(card, codebook):
        warnings = (passing_note(card["first_stage"], codebook),) if fast else ()
        if fast:
            model = replace(model, name=str(name))
        if card["codebook"]["hash"] == codebook.hash:
            return model, warnings
        return model, (*warnings, "the model was trained with an earlier wording of this codebook")
    check_model(codebook, name)
    warning = (
        f"the codings come from a starter model made of the {codebook.id} codebook's own examples; "
        "its accuracy has not been measured, so check its codings by hand"
    )
    return make_starter(codebook, model), (warning,)


def passing_note(about: dict[str, Any], codebook: Codebook) -> str:
    """Say in plain words what a model's first stage passes over and misses."""
    corpus = about["corpus"]["coded_by_readers"]
    names = {frame.id: frame.name for frame in codebook.frames}
    worst = max(corpus["per_frame"], key=lambda frame: corpus["per_frame"][frame]["share"])
    return (
        "with the fast model, passages whose words say that they surely carry no frame were not read further; "
        f"in a trial on {corpus['passages']['of']:,} passages of kinds of document it had not seen, "
        f"{corpus['framed']['passed_over']} of the {corpus['framed']['of']:,} with a frame were missed so "
        f"({_percent(corpus['framed']['share'])}; {_percent(corpus['per_frame'][worst]['share'])} of those with "
        f"{names[worst]}, the most of any frame)"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _asked(name: str | None) -> tuple[str, bool]:
    """Tell the model's own name or folder from whether its first stage is wanted."""
    if name == FAST:
        return DEFAULT_MODEL, True
    base, colon, last = (name or DEFAULT_MODEL).rpartition(":")
    return (base, True) if colon and last == FAST else (name or DEFAULT_MODEL, False)


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
