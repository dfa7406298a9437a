"""What is wrong with a codebook's plain values, said in words for whoever wrote the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from labels.problems import Problem, did_you_mean
from labels.records import NO_FRAME, Codebook, known_keys
from labels.yaml_nodes import ParsedYaml, Place, written_place

MIN_FRAMES, MAX_FRAMES = 2, 20  # one frame is no choice; with more than 20 no chart can be read

# ── what one entry says of another ──────────────────────────────────────────────────────────────


def cross_problems(parsed: ParsedYaml) -> Iterator[Problem]:
    """Find duplicate ids, a frame called ``none``, and mentions of frames that do not exist.

    Works on the plain values, so it finds these also where other entries are not valid.
    """
    frames = parsed.data.get("frames")
    if isinstance(frames, list) and not MIN_FRAMES <= len(frames) <= MAX_FRAMES:
        wanted = "or nothing can be told apart" if len(frames) < MIN_FRAMES else "or no chart can be read"
        remedy = f"Write {MIN_FRAMES} to {MAX_FRAMES} frames, {wanted}"
        yield _at(parsed, ("frames",), f"is a list of {len(frames)}", remedy)
    ids: list[str] = []
    for place, frame_id in _entries(parsed.data, "frames", "id"):
        if frame_id == NO_FRAME:
            remedy = "Choose another id"
            yield _at(parsed, place, f"is {NO_FRAME!r}, which means that no frame is foregrounded", remedy)
        if frame_id and frame_id in ids:
            first = parsed.line(("frames", ids.index(frame_id), "id"))
            found = f"is {frame_id!r}, as on line {first}"
            yield _at(parsed, place, found, "Give each frame an id of its own")
        ids.append(frame_id)
    calls: dict[str, int | None] = {}
    for place, call_id in _entries(parsed.data, "close_calls", "id"):
        if call_id and call_id in calls:
            found = f"is {call_id!r}, as on line {calls[call_id]}"
            yield _at(parsed, place, found, "Give each close call an id of its own")
        calls.setdefault(call_id, parsed.line(place))
    for place, mentioned in _mentions(parsed.data, ()):
        if mentioned not in ids and mentioned != NO_FRAME:
            known = [*ids, NO_FRAME]
            near = did_you_mean(mentioned, known)
            remedy = f"Write {near!r} if that is what you mean" if near else f"Use one of: {', '.join(known)}"
            yield _at(parsed, place, f"names {mentioned!r}, which is no frame of this codebook", remedy)
    yield from _contradictions(parsed)


def _entries(data: dict[str, Any], key: str, of: str) -> Iterator[tuple[Place, str]]:
    entries = data.get(key)
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        value = entry.get(of) if isinstance(entry, dict) else None
        yield (key, i, of), value if isinstance(value, str) else ""


def _mentions(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Find each mention of a frame: what an example is coded, and the frames of a close call."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _mentions(item, (*place, i))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "coded" or (key == "frames" and place):
                listed = inner if isinstance(inner, list) else [inner]
                for i, mention in enumerate(listed):
                    if isinstance(mention, str):
                        yield ((*place, key, i) if isinstance(inner, list) else (*place, key)), mention
            else:
                yield from _mentions(inner, (*place, key))


def _contradictions(parsed: ParsedYaml) -> Iterator[Problem]:
    """Find near misses that are coded as the very frame they are to miss, and ``none`` beside a frame."""
    for place, value in _coded(parsed.data, ()):
        listed = value if isinstance(value, list) else [value]
        if NO_FRAME in listed and len(listed) > 1:
            yield _at(parsed, place, "has 'none' beside a frame", "Keep 'none' alone, or the frames")
        if place[0] == "frames" and "near_miss" in place:
            frame = parsed.data["frames"][place[1]]
            if frame.get("id") in listed:
                found = f"codes a near miss of {frame['id']!r} as {frame['id']!r}"
                yield _at(
                    parsed, place, found, "Move the example to `positive`, or say what it is coded instead"
                )


def _coded(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _coded(item, (*place, i))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "coded":
                yield (*place, key), inner
            else:
                yield from _coded(inner, (*place, key))


def _at(parsed: ParsedYaml, place: Place, found: str, remedy: str) -> Problem:
    return Problem(parsed.line(place), written_place(place), found, remedy)


# ── what pydantic says of one entry ─────────────────────────────────────────────────────────────


def field_problems(error: ValidationError, parsed: ParsedYaml) -> Iterator[Problem]:
    """Say each of pydantic's complaints in words, with its line."""
    for item in error.errors(include_url=False):
        place = tuple(item["loc"])
        tell = _TELL.get(item["type"], _other)
        found, remedy = tell(item, parsed, place)
        yield _at(parsed, place, found, remedy)


Told = tuple[str, str]


def _missing(_item: Any, parsed: ParsedYaml, place: Place) -> Told:
    empty = place in parsed.lines
    return ("is empty" if empty else "is missing"), f"Add {_NEEDED.get(str(place[-1]), 'it')}"


def _unknown_key(_item: Any, _parsed: ParsedYaml, place: Place) -> Told:
    known = known_keys(_model_at(place[:-1]))
    near = did_you_mean(str(place[-1]), known)
    remedy = f"Write `{near}` if that is what you mean" if near else f"Use one of: {', '.join(known)}"
    return "is not a key that belongs here", remedy


def _not_text(item: Any, _parsed: ParsedYaml, _place: Place) -> Told:
    if item["input"] is None:
        return _empty_text(item, _parsed, _place)
    return "is not text", "Write one line of text, in quotes if it begins with [ or {"


def _not_a_list(_item: Any, _parsed: ParsedYaml, _place: Place) -> Told:
    return "is not a list", "Write each entry on a line of its own behind a dash and a space"


def _not_a_mapping(_item: Any, _parsed: ParsedYaml, place: Place) -> Told:
    return "is not an entry with keys", f"Write `key: value` lines: {', '.join(known_keys(_model_at(place)))}"


def _not_a_number(item: Any, _parsed: ParsedYaml, _place: Place) -> Told:
    return f"is {item['input']!r}, not a whole number from 0", "Write a whole number, or leave the key out"


def _wrong_form(item: Any, _parsed: ParsedYaml, place: Place) -> Told:
    told = _FORMS.get(str(place[-1]), ("has no letter or digit", "Write a word or phrase"))
    return f"is {item['input']!r}, which {told[0]}", told[1]


def _too_long(item: Any, _parsed: ParsedYaml, place: Place) -> Told:
    return _wrong_form(item, _parsed, (*place[:-1], "id"))


def _not_listed(item: Any, _parsed: ParsedYaml, _place: Place) -> Told:
    return f"is {item['input']!r}", f"Use one of: {item['ctx']['expected'].replace(' or ', ', ')}"


def _empty_text(_item: Any, _parsed: ParsedYaml, _place: Place) -> Told:
    return "is empty", "Write a few words, or leave the entry out"


def _other(item: Any, _parsed: ParsedYaml, _place: Place) -> Told:
    return f"cannot be used ({item['msg']})", "Compare it with a shipped codebook"


_TELL: dict[str, Callable[[Any, ParsedYaml, Place], Told]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "string_type": _not_text,
    "tuple_type": _not_a_list,
    "model_type": _not_a_mapping,
    "model_attributes_type": _not_a_mapping,
    "int_parsing": _not_a_number,
    "int_type": _not_a_number,
    "greater_than_equal": _not_a_number,
    "string_pattern_mismatch": _wrong_form,
    "string_too_long": _too_long,
    "too_short": _empty_text,  # what a text comes to without its white space
    "literal_error": _not_listed,
}
_NEEDED = {
    "id": "a short id such as `access`",
    "version": "a version such as `1.0`",
    "title": "a title",
    "frames": "2 to 20 frames, each with id, name and definition",
    "name": "the name readers will see",
    "definition": "a sentence or two that say what the frame claims",
    "text": "the passage",
    "rule": "the sentence that decides",
    "citation": "the source as you would cite it",
}
_FORMS = {
    "id": (
        "is no id",
        "Begin with a lower-case letter; use only a to z, 0 to 9, - and _ behind it, 40 characters at most",
    ),
    "url": ("is no web address", "Begin with https://"),
    "colour": ("is no colour", "Write # and six hexadecimal digits, such as '#0072B2', in quotes"),
}


def _model_at(place: Place) -> type[BaseModel]:
    """Return the model of the entry at ``place``, by following the fields' types."""
    model: type[BaseModel] = Codebook
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) is None:
        return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return next((m for m in map(_model_in, get_args(annotation)) if m), None)
