"""Errors in a file a user wrote: every problem at once, each with its line, its key and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: ``line`` is 1-based, None where the whole file is meant.

    ``key`` is the place as a user would write it (``frames[2].name``, the first frame is 0), None
    where there is none. ``found`` and ``remedy`` are clauses without a full stop at the end.
    """

    line: int | None
    key: str | None
    found: str
    remedy: str


class LabelFileError(ValueError):
    """A codebook or gold file cannot be used; the text names every problem, one a line.

    ``line``, ``key``, ``found`` and ``remedy`` are the first problem's; ``problems`` holds them all.
    """

    def __init__(
        self,
        path: Path | str,
        line: int | None,
        key: str | None,
        found: str,
        remedy: str,
        also: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(path, line, key, found, remedy, also)  # all of it, so it can be pickled
        self.path, self.line, self.key, self.found, self.remedy = path, line, key, found, remedy
        self.problems = (Problem(line, key, found, remedy), *also)

    @classmethod
    def of(cls, path: Path | str, problems: Iterable[Problem]) -> Self:
        """Make one error of one or more problems, in the order of their lines."""
        first, *rest = sorted(problems, key=lambda p: (p.line or 0, p.key or ""))
        return cls(path, first.line, first.key, first.found, first.remedy, tuple(rest))

    def __str__(self) -> str:
        return "\n".join(self._sentence(problem) for problem in self.problems)

    def _sentence(self, problem: Problem) -> str:
        place = f"{self.path}" if problem.line is None else f"{self.path}, line {problem.line}"
        key = "" if problem.key is None else f"`{problem.key}` "
        return f"{place}: {key}{problem.found}. {problem.remedy}."


class CodebookError(LabelFileError):
    """A codebook file that cannot be used, with every reason and what to do about each."""


class GoldError(LabelFileError):
    """A file of gold labels that cannot be used; the first 20 reasons are given."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to ``word``, or None where none is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def decode(raw: bytes) -> tuple[str, Problem | None]:
    """Decode UTF-8 (a byte-order mark is allowed); else return what is wrong and on which line."""
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x} is not UTF-8 text"
        return "", Problem(line, None, found, "Save the file again as UTF-8")
