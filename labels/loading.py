"""Load a codebook, shipped or a user's own, and say everything that is wrong with it at once."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from labels.problems import CodebookError, decode
from labels.records import Codebook
from labels.validation import cross_problems, field_problems
from labels.yaml_nodes import parse_yaml


def shipped_codebooks() -> tuple[str, ...]:
    """Return the names of the codebooks that come with the package, in alphabetical order."""
    folder = importlib.resources.files("labels") / "codebooks"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Load a shipped codebook by its name, or a YAML file.

    A string that is the name of a shipped codebook means that one; write ``./name`` for a file of the
    same name. Raises CodebookError, which names every problem with its line.
    """
    path, raw = _read(name_or_path)
    text, undecodable = decode(raw)
    if undecodable:
        raise CodebookError.of(path, [undecodable])
    parsed = parse_yaml(text)
    if parsed.data is None and not parsed.problems:
        raise CodebookError(path, None, None, "the file is empty", "Give it id, version, title and frames")
    if not isinstance(parsed.data, dict) and not parsed.problems:
        remedy = "Write `key: value` lines: id, version, title and frames"
        raise CodebookError(path, 1, None, "the file does not begin with a key", remedy)
    problems = list(parsed.problems)
    if isinstance(parsed.data, dict):
        problems += cross_problems(parsed)
        try:
            codebook = Codebook.model_validate(_without_blanks(parsed.data))
        except ValidationError as error:
            problems += field_problems(error, parsed)
    if problems:
        raise CodebookError.of(path, problems)
    return codebook


def _read(name_or_path: str | Path) -> tuple[Path, bytes]:
    if isinstance(name_or_path, str) and name_or_path in shipped_codebooks():
        shipped = importlib.resources.files("labels") / "codebooks" / f"{name_or_path}.yaml"
        return Path(str(shipped)), shipped.read_bytes()
    path = Path(name_or_path)
    try:
        return path, path.read_bytes()
    except FileNotFoundError:
        names = ", ".join(shipped_codebooks())
        found = "there is no such file, and no codebook of this name comes with the package"
        raise CodebookError(path, None, None, found, f"Give a file, or one of: {names}") from None
    except IsADirectoryError:
        raise CodebookError(path, None, None, "this is a folder", "Give the YAML file in it") from None
    except OSError as error:
        found = f"the file cannot be read ({error.strerror})"
        raise CodebookError(path, None, None, found, "Check the file's permissions") from None


def _without_blanks(value: Any) -> Any:
    """Leave out keys with nothing behind them: an author who keeps ``examples:`` open has none yet."""
    if isinstance(value, dict):
        return {k: _without_blanks(v) for k, v in value.items() if v is not None}
    return [_without_blanks(item) for item in value] if isinstance(value, list) else value
