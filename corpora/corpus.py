"""Read the authored training corpus: passages, their codings, and how two readings agreed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TRAINING = Path(__file__).parent / "training"


class CorpusError(ValueError):
    """A corpus file is not what it should be; the text names the file, the line and what to do."""


@dataclass(frozen=True)
class TrainingPassage:
    """One authored passage.

    ``manner`` says how it was written: ``single`` (one by one, to a plan of codes), ``document`` (in
    whole imagined documents, with the codes in mind) or ``plain`` (whole documents by writers who knew
    of no code; coded by others). ``frames`` is the settled coding; ``readings`` are the codings it was
    settled from. ``hard`` says what makes a passage without a frame easy to mistake; ``call`` is the
    codebook's close call it is a case of, with the side (``numbers+`` for the frame, ``numbers-`` for
    the other); passages of one ``pair`` differ by the smallest edit that changes the coding;
    ``document`` and ``order`` give its place in the imagined document it was written as part of.
    """

    id: str
    genre: str
    text: str
    frames: tuple[str, ...]
    primary: str | None
    kind: str
    subject: str
    region: str
    readings: tuple[tuple[str, ...], ...]
    manner: str = "plain"
    hard: str | None = None
    call: str | None = None
    pair: str | None = None
    document: str | None = None
    order: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


def read_corpus(folder: Path | None = None, *, frames: Sequence[str] | None = None) -> list[TrainingPassage]:
    """Read every ``*.jsonl`` of a corpus folder (the shipped one by default), one file a genre.

    ``frames``, if given, are the only ids allowed. CorpusError names the first line that is wrong.
    """
    folder = folder or TRAINING
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise CorpusError(f"{folder}: no .jsonl file is there. Name a folder with one file a genre.")
    passages, ids = [], set()
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            passage = _passage(line, path, number, frames)
            if passage.id in ids:
                raise CorpusError(
                    f"{path}, line {number}: the id {passage.id} is there twice. Give it another."
                )
            ids.add(passage.id)
            passages.append(passage)
    return passages


def _passage(line: str, path: Path, number: int, allowed: Sequence[str] | None) -> TrainingPassage:
    where = f"{path}, line {number}"
    try:
        row = json.loads(line)
        known = {k: row.pop(k) for k in ("id", "text", "frames")}
    except (ValueError, KeyError, AttributeError) as error:
        raise CorpusError(
            f"{where}: expected an object with id, text and frames ({error}). Mend or remove the line."
        ) from error
    frames = tuple(known["frames"])
    unknown = set(frames) - set(allowed) if allowed is not None else set()
    if unknown:
        raise CorpusError(
            f"{where}: unknown frame {', '.join(sorted(unknown))}. The codebook has {', '.join(allowed or ())}."
        )
    primary = row.pop("primary", "none")
    if primary not in (frames or ("none",)):
        raise CorpusError(f"{where}: the primary frame {primary} is not among the frames. Mend the line.")
    return TrainingPassage(
        id=str(known["id"]),
        genre=path.stem,
        text=str(known["text"]),
        frames=frames,
        primary=None if primary == "none" else primary,
        kind=row.pop("kind", "other"),
        subject=row.pop("subject", "general"),
        region=row.pop("region", ""),
        readings=tuple(tuple(r) for r in row.pop("readings", [])),
        manner=row.pop("manner", "plain"),
        hard=row.pop("hard", None),
        call=row.pop("call", None),
        pair=row.pop("pair", None),
        document=row.pop("document", None),
        order=row.pop("order", None),
        extra=row,
    )
