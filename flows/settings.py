"""What a run is asked to do, and what it reports while it does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from pipeline.records import DocumentKind

DEFAULT_CODEBOOK = "nasem-2024"
EXIT_ALL_READ, EXIT_NOTHING_READ, EXIT_USAGE, EXIT_SOME_SKIPPED = 0, 1, 2, 3
EXIT_NOT_FINISHED = 4


class UsageError(ValueError):
    """The command cannot be carried out as given; the text says what to change."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of ``equity-frames profile``; ``by`` names metadata columns to group by.

    ``urls`` are fetched: whoever fills them in has been allowed to use the network.
    """

    inputs: tuple[Path, ...]
    out: Path
    manifest: Path | None = None
    text_column: str | None = None
    kind: DocumentKind | None = None
    codebook: str = DEFAULT_CODEBOOK
    model: str | None = None
    by: tuple[str, ...] = ()
    seed: int = 0
    urls: tuple[str, ...] = ()


@runtime_checkable  # Prefect reads a flow's annotations and wants classes
class Listener(Protocol):
    """Hears how a run gets on: a stage begins with so many steps, then steps are done."""

    def begin(self, stage: str, total: int) -> None:
        """Begin a stage of ``total`` steps."""

    def advance(self, steps: int) -> None:
        """Count steps of the stage as done."""


class Silence:
    """A listener that does not care."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore it."""

    def advance(self, steps: int) -> None:
        """Ignore it."""
