"""What one file may take of the computer, and how a reader asks for more time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What reading one file may take; each number has its reason beside it."""

    # Bytes of memory for one worker. The readers themselves take 0.4 GB of addresses, a PDF of 5,000 pages
    # 0.1 GB more, a web page of 50 MB 0.3 GB; computers with 4 GB live through 2.
    memory: int = 2_000_000_000
    # Most files take a fraction of one second. Ten are patience with a busy computer.
    seconds: float = 10.0
    # A PDF page of text is 0.4 KB at the least and takes 1.5 ms: 4 seconds a megabyte. A web page takes 0.8.
    seconds_a_megabyte: float = 50.0
    # No file is waited for longer than this for its size alone.
    most_seconds: float = 1800.0
    # And none longer than this, whatever its reader asks for: 900 scanned pages at 8 seconds, on a busy computer.
    most_seconds_asked: float = 7200.0
    # Text that comes back: twice the longest run of texts anyone has read in one piece (a legal code).
    most_characters: int = 100_000_000
    # After so many files a worker is replaced, so that what a library leaks does not add up.
    files_a_worker: int = 200

    def seconds_for(self, size: int) -> float:
        """Give the seconds that a file of ``size`` bytes may take."""
        return min(self.seconds + self.seconds_a_megabyte * size / 1e6, self.most_seconds)


_grant: list[Callable[[float], bool]] = []


def more_time(seconds: float) -> bool:
    """Ask for ``seconds`` from now on for work that the file's size does not show, and its own time after that.

    Recognising the text of a scanned page takes seconds where its size grants a tenth. False where that is
    more than a file may have: then the work should be left and what is done be given. Outside of a worker
    nothing limits the time.
    """
    return all(grant(seconds) for grant in _grant)


def grant_with(grant: Callable[[float], bool]) -> None:
    """Name what ``more_time`` calls from now on."""
    _grant[:] = [grant]
