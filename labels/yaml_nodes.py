"""YAML read as plain text values with the line of each, so that an error can say where it is.

Every scalar stays the text it was written as: YAML would turn ``version: 1.10`` into 1.1, ``id: no``
into false and ``2024-05-01`` into a date. Aliases are refused and depth is limited, because a file
of a kilobyte can otherwise stand for gigabytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from labels.problems import Problem

MAX_DEPTH = 20  # a codebook is 6 deep
MAX_CHARACTERS = 2_000_000  # the shipped codebook has under 100,000

Place = tuple[str | int, ...]

# What PyYAML says, and what a person who has never heard of a scalar can do about it.
_REMEDIES = (
    ("mapping values are not allowed", "Put quotes around text that holds a colon and a space"),
    (r"'\t'", "Indent with spaces instead of tabs"),
    ("expected <block end>", "Indent the keys of one entry by the same number of spaces"),
    ("could not find expected ':'", "Write a colon and a space behind the key on this line or the one above"),
    ("while scanning a quoted scalar", "Close the quotation marks"),
    ("expected the node content", "Put quotes around text that begins with a punctuation mark"),
    ("cannot start any token", "Put quotes around text that begins with a punctuation mark"),
    ("expected a single document", "Remove the line `---`: a file holds one codebook"),
    ("special characters are not allowed", "Remove the control character"),
)


@dataclass
class ParsedYaml:
    """Plain values (dict, list, str, None for left empty), the line of each place, and problems."""

    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, place: Place) -> int | None:
        """Return the 1-based line of ``place``, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)


class _RefusedError(Exception):
    """Something YAML allows and a codebook does not: on which line, and what."""


def _line(mark: Any) -> int | None:
    return mark.line + 1 if mark else None


class _Loader(yaml.BaseLoader):
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it untyped
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(_line(event.start_mark), f"the alias *{event.anchor} is used")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _RefusedError(_line(event.start_mark), f"entries are nested more than {MAX_DEPTH} deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def written_place(place: Place) -> str:
    """Write a place as ``frames[2].name``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def parse_yaml(text: str) -> ParsedYaml:
    """Parse YAML text; what cannot be parsed is a problem in the result, never an exception."""
    parsed = ParsedYaml()
    if len(text) > MAX_CHARACTERS:
        found = f"the file holds {len(text):,} characters, more than {MAX_CHARACTERS:,}"
        parsed.problems.append(Problem(None, None, found, "Check that this is a codebook"))
        return parsed
    try:
        node = yaml.compose(text, Loader=_Loader)
    except _RefusedError as error:
        line, found = error.args
        parsed.problems.append(Problem(line, None, found, "Write the entries out in full and flat instead"))
    except yaml.MarkedYAMLError as error:
        parsed.problems.append(_problem(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = "there is a control character in the text"
        parsed.problems.append(Problem(line, None, found, "Remove it, or write the text again"))
    else:
        if node is not None:
            parsed.data = _plain(node, (), parsed)
    return parsed


def _problem(error: yaml.MarkedYAMLError) -> Problem:
    said = f"{error.context or ''} {error.problem or ''}"
    # An open quotation mark is noticed at the end of the file; what helps is where it was opened.
    opened = error.context_mark if "quoted scalar" in said else None
    line = _line(opened or error.problem_mark or error.context_mark)
    remedy = next((r for sign, r in _REMEDIES if sign in said), "Check the indentation and the quotes here")
    return Problem(line, None, f"this is not valid YAML ({error.problem})", remedy)


def _plain(node: yaml.Node, place: Place, parsed: ParsedYaml) -> Any:
    parsed.lines.setdefault(place, _line(node.start_mark) or 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, i), parsed) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, place, parsed)
    left_empty = getattr(node, "style", None) is None and node.value in ("", "~", "null")
    return None if left_empty else node.value


def _plain_mapping(node: yaml.MappingNode, place: Place, parsed: ParsedYaml) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark) or 1
        if not isinstance(key_node, yaml.ScalarNode):
            found = "has an entry whose key is not plain text"
            parsed.problems.append(Problem(line, written_place(place) or None, found, "Put quotes around it"))
            continue
        key = str(key_node.value)
        here = (*place, key)
        if key in values:
            found = f"is given twice (first on line {parsed.lines[here]})"
            parsed.problems.append(Problem(line, written_place(here), found, "Keep one of the two"))
            continue
        parsed.lines[here] = line
        values[key] = _plain(value_node, here, parsed)
    return values
