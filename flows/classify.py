"""Code texts line by line, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from classifiers.frame_model import FrameModel
from flows.coding import code_passages
from flows.models import check_model, model_for
from flows.settings import UsageError
from labels.codebook import NO_FRAME, Codebook
from pipeline.records import Passage

BATCH = 256
DIGITS = 6


def classify_lines(lines: Iterable[str], codebook: Codebook, model_name: str | None) -> Iterator[str]:
    """Yield a JSON line of coding for each JSON line with ``id`` and ``text``, in order.

    UsageError names the first line that is not such an object; the lines before it have been coded.
    """
    check_model(codebook, model_name)
    model, _ = model_for(codebook, model_name)
    numbered = ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        passages = []
        for number, line in batch:
            try:
                passages.append(_passage(line, number))
            except UsageError:
                yield from _code(passages, model)
                raise
        yield from _code(passages, model)


def _code(passages: list[Passage], model: FrameModel) -> Iterator[str]:
    for passage, coding in zip(passages, code_passages(passages, model), strict=True):
        said = {
            "id": passage.id,
            "probabilities": {f: round(p, DIGITS) for f, p in coding.probabilities.items()},
            "any_frame": round(coding.any_frame, DIGITS),
            "frames": list(coding.frames),
            "primary": coding.primary or NO_FRAME,
            "needs_review": coding.needs_review,
            "evidence": [
                {"frame": e.frame, "sentence": e.sentence, "words": list(e.words)} for e in coding.evidence
            ],
        }
        yield json.dumps(said, ensure_ascii=False)


def _passage(line: str, number: int) -> Passage:
    try:
        row = json.loads(line)
        name, text = str(row["id"]), row["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"Standard input, line {number}: expected an object with id and text. Write one JSON object a line."
        ) from error
    if not isinstance(text, str):
        raise UsageError(
            f"Standard input, line {number}: text is no string. Put the passage's words in quotes."
        )
    return Passage(name, name, 0, 0, len(text), text, (), (), len(text.split()))
