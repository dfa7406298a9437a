"""What a run is asked to do, and what it reports while it does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from pipeline.records import DocumentKind
from pipeline.run_folder import RUN_FILE, STORE_FOLDER

DEFAULT_CODEBOOK = "nasem-2024"
EXIT_ALL_READ, EXIT_NOTHING_READ, EXIT_USAGE, EXIT_SOME_SKIPPED, EXIT_STOPPED = 0, 1, 2, 3, 4


class UsageError(ValueError):
    """The command cannot be carried out as given; the text says what to change."""


class StoppedError(RuntimeError):
    """A run could not go on, with nothing wrong in how it was asked for; the text says what to do."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of ``equity-frames profile``; ``by`` names metadata columns to group by.

    ``urls`` are fetched: whoever fills them in has been allowed to use the network. ``resume`` goes on with
    the unfinished run in ``out``; ``cache`` is the folder that readings and codings are kept in for later
    runs, None to keep none.
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
    resume: bool = False
    cache: Path | None = None


def check_out(out: Path) -> None:
    """Raise UsageError if ``out`` cannot be a run's folder: a file, or a folder with other things in it."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: that is a file. Name a folder, which need not exist yet.")
    ours = (out / RUN_FILE).is_file() or (out / STORE_FOLDER).is_dir()
    if out.is_dir() and any(out.iterdir()) and not ours:
        raise UsageError(
            f"--out {out}: the folder holds other files, and nothing of yours is overwritten. "
            "Name a new folder, or the folder of an earlier run."
        )


@runtime_checkable  # Prefect reads a flow's annotations and wants classes
class Listener(Protocol):
    """Hears how a run gets on; stages may run side by side."""

    def begin(self, stage: str, total: int) -> None:
        """Begin a stage of ``total`` steps, as far as is known."""

    def expect(self, stage: str, steps: int) -> None:
        """Learn of more steps of a stage."""

    def advance(self, stage: str, steps: int) -> None:
        """Count steps of a stage as done."""


class Silence:
    """A listener that does not care."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore it."""

    def expect(self, stage: str, steps: int) -> None:
        """Ignore it."""

    def advance(self, stage: str, steps: int) -> None:
        """Ignore it."""
