"""Passages with the frames people agreed on: what a classifier is judged by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labels.problems import GoldError, Problem, decode, did_you_mean
from labels.records import NO_FRAME, Codebook

__all__ = ["GoldError", "GoldRow", "read_gold"]

MAX_PROBLEMS = 20  # a file made with the wrong codebook is wrong on every line
_OWN = ("id", "text", "frames", "primary", "document", "order", "set", "kind")


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One passage and its coding: ``frames`` in the codebook's order, ``primary`` None without a frame.

    ``document`` and ``order`` say where it stood, ``set`` which part of the data it is (rows of the
    set ``documents`` are whole documents), ``extra`` holds every other key of the line.
    """

    id: str
    text: str
    frames: tuple[str, ...]
    primary: str | None
    document: str | None = None
    order: int | None = None
    set: str | None = None
    kind: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def read_gold(path: str | Path, codebook: Codebook) -> list[GoldRow]:
    """Read a JSONL file of gold rows, in the file's order.

    A row has ``id``, ``text``, ``frames`` (a list, empty where no frame is foregrounded) and
    ``primary`` (one of them, or "none"; it may be left out where there is one frame or none).
    Raises GoldError with the first 20 problems.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        found = f"the file cannot be read ({error.strerror})"
        raise GoldError(path, None, None, found, "Check the path and the file's permissions") from None
    text, undecodable = decode(raw)
    if undecodable:
        raise GoldError.of(path, [undecodable])
    rows: list[GoldRow] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    # Not splitlines(): a passage may hold U+2028, which is no line end in JSONL.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        row = _parse(line, number, problems)
        if row is None:
            continue
        found_here = list(_problems(row, number, codebook, seen))
        problems += found_here
        if not found_here:
            rows.append(_row(row, codebook))
    if problems:
        raise GoldError.of(path, _first(problems))
    if not rows:
        raise GoldError(path, None, None, "the file holds no rows", "Write one JSON object a line")
    return rows


def _first(problems: list[Problem]) -> list[Problem]:
    left_out = len(problems) - MAX_PROBLEMS
    if left_out <= 0:
        return problems
    found = f"{left_out:,} more problems from here on are not listed"
    line = problems[MAX_PROBLEMS].line
    return [*problems[:MAX_PROBLEMS], Problem(line, None, found, "Mend those above first")]


def _parse(line: str, number: int, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
        remedy = "Write one JSON object, {…}, on one line"
        problems.append(Problem(number, None, f"this is not valid JSON ({reason})", remedy))
        return None
    if not isinstance(value, dict):
        found = "this is not a JSON object"
        problems.append(Problem(number, None, found, 'Write {"id": …, "text": …, "frames": […]} on the line'))
        return None
    return value


def _problems(
    row: dict[str, Any], number: int, codebook: Codebook, seen: dict[str, int]
) -> Iterator[Problem]:
    row_id = row.get("id")
    if not isinstance(row_id, str) or not row_id.strip():
        yield Problem(number, "id", _missing_or(row, "id", "is not text"), "Give each row an id of its own")
    elif row_id in seen:
        found = f"is {row_id!r}, as on line {seen[row_id]}"
        yield Problem(number, "id", found, "Give each row an id of its own")
    else:
        seen[row_id] = number
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        yield Problem(number, "text", _missing_or(row, "text", "is not text"), "Give the passage's words")
    elif any("\ud800" <= character <= "\udfff" for character in text):
        yield Problem(number, "text", "holds half a character (a lone surrogate)", "Write the text again")
    yield from _frame_problems(row, number, codebook)
    for key, kind, said in (
        ("document", str, "text"),
        ("order", int, "a whole number"),
        ("set", str, "text"),
        ("kind", str, "text"),
    ):
        value = row.get(key)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            yield Problem(number, key, f"is not {said}", f"Write {said}, or leave the key out")


def _missing_or(row: dict[str, Any], key: str, otherwise: str) -> str:
    if row.get(key) is None:
        return "is missing"
    return "is empty" if isinstance(row[key], str) else otherwise


def _frame_problems(row: dict[str, Any], number: int, codebook: Codebook) -> Iterator[Problem]:
    frames = row.get("frames")
    ids = codebook.frame_ids
    if not isinstance(frames, list):
        found = "is missing" if frames is None else "is not a list"
        yield Problem(number, "frames", found, 'Write a list such as ["a", "b"], or [] for no frame')
        return
    unknown = [frame for frame in frames if frame not in ids]
    for frame in unknown:
        found = f"holds {frame!r}, which is no frame of codebook {codebook.id!r}"
        yield Problem(number, "frames", found, _unknown_remedy(frame, ids))
    if unknown:
        return
    if len(set(frames)) < len(frames):
        yield Problem(number, "frames", "holds a frame twice", "Name each frame once")
    primary = row.get("primary")
    if primary is None and len(frames) > 1:
        remedy = f"Write the one that carries the main claim: {', '.join(frames)}"
        yield Problem(number, "primary", "is missing, and there are several frames", remedy)
    elif primary is not None and primary not in (frames or [NO_FRAME]):
        remedy = f"Write one of: {', '.join(frames or [NO_FRAME])}"
        yield Problem(number, "primary", f"is {primary!r}, which is not among the row's frames", remedy)


def _unknown_remedy(frame: Any, ids: tuple[str, ...]) -> str:
    if frame == NO_FRAME:
        return "Write [] where no frame is foregrounded"
    near = did_you_mean(frame, ids) if isinstance(frame, str) else None
    return f"Write {near!r} if that is what you mean" if near else f"Use one of: {', '.join(ids)}"


def _row(row: dict[str, Any], codebook: Codebook) -> GoldRow:
    frames = codebook.order(row["frames"])
    primary = row.get("primary") or (frames[0] if frames else NO_FRAME)
    return GoldRow(
        id=row["id"],
        text=row["text"],
        frames=frames,
        primary=None if primary == NO_FRAME else primary,
        document=row.get("document"),
        order=row.get("order"),
        set=row.get("set"),
        kind=row.get("kind"),
        extra={key: value for key, value in row.items() if key not in _OWN},
    )
