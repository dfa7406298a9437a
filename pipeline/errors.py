"""What a reader raises for input it cannot use, and what is raised where nothing can be read at all."""

from __future__ import annotations

from pathlib import Path


class UnreadableDocumentError(ValueError):
    """A document holds no text to analyse; the run skips it and says so.

    ``found`` and ``remedy`` are plain clauses without a full stop at the end: what was found
    in the file, and what the user can do about it.
    """

    def __init__(self, path: Path | str, found: str, remedy: str) -> None:
        super().__init__(path, found, remedy)  # all three, so a worker can send it back pickled
        self.path, self.found, self.remedy = path, found, remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.found}. {self.remedy}."


class WorkerError(RuntimeError):
    """A process of ours ended before it did any work: no file is to blame."""
