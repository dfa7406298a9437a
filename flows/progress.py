"""Progress on the screen: what is being done, how much of it, how long it will take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from flows.settings import Listener, Silence

if TYPE_CHECKING:  # for the command line, that import is a second
    from classifiers.training import Progress as TrainingProgress


class _Bars:
    """A listener that draws one bar a stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._totals: dict[str, int] = {}

    def begin(self, stage: str, total: int) -> None:
        self._totals[stage] = total
        self._tasks[stage] = self._progress.add_task(stage, total=total)

    def expect(self, stage: str, steps: int) -> None:
        self._totals[stage] += steps
        self._progress.update(self._tasks[stage], total=self._totals[stage])

    def advance(self, stage: str, steps: int) -> None:
        self._progress.advance(self._tasks[stage], steps)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@contextmanager
def run_progress(*, quiet: bool) -> Iterator[Listener]:
    """Give a listener that draws bars on standard error, or a silent one."""
    if quiet:
        yield Silence()
        return
    with _progress() as progress:
        yield _Bars(progress)


@contextmanager
def training_progress(*, quiet: bool) -> Iterator[TrainingProgress | None]:
    """Give a function that draws a training's stages, or None."""
    if quiet:
        yield None
        return
    with _progress() as progress:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, steps: int, loss: float) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=steps)
            progress.update(tasks[stage], completed=done, description=f"{stage} (loss {loss:.3f})")

        yield tell
