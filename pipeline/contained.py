"""Read files in worker processes: one that crashes, hangs or eats memory is named, and the others are read.

Workers come from the standard library's ``multiprocessing``, each with a pipe of its own. pebble was tried: its
workers share one pipe, and with every fifth of 200 files crashing its pool gave up ("All workers expired") in
three runs of four. ``concurrent.futures`` loses all files in hand when one crashes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from pipeline.errors import WorkerError
from pipeline.find import Found
from pipeline.limits import Limits
from pipeline.processes import context, start
from pipeline.read import FileRead, ReadOptions, digest_of, read_file
from pipeline.records import Skipped
from pipeline.worker import EXIT_MEMORY, EXIT_TIME, READY, Reader, serve

_MOST_WORKERS = 8  # each may take as much memory as the limits allow
_AHEAD = 8  # results a worker may be ahead of the file that is waited for
_GRACE = 60.0  # seconds after which a worker that does not even end itself is killed
_LOOK_UP = 1.0  # seconds between two looks whether all is to be given up
_SAVE_AGAIN = "Open it in the program it was made with and save it again, or split it into smaller files"


class _Job:
    __slots__ = ("found", "options", "read")

    def __init__(self, found: Found, options: ReadOptions) -> None:
        self.found, self.options = found, options
        self.read: FileRead | None = None


class _Worker:
    """One process, the pipe to it, and the file it has in hand."""

    def __init__(self, limits: Limits, reader: Reader) -> None:
        ours, theirs = context().Pipe()
        self.pipe: Connection = ours
        self.process = start(serve, theirs, limits, reader)
        theirs.close()  # so that the pipe ends when the worker does
        self.job: _Job | None = None
        self.taken, self.ready, self.given_up_at = 0, False, 0.0

    def take(self, job: _Job, limits: Limits) -> None:
        self.job = job
        self.taken += 1
        self.given_up_at = time.monotonic() + limits.most_seconds_asked + _GRACE
        with contextlib.suppress(OSError):  # where it has just died, the pipe tells so when listened to
            self.pipe.send((job.found, job.options))

    def end(self) -> int | None:
        """End the process and give its exit code; what it has in hand is lost."""
        self.pipe.close()
        self.process.join(0.2)  # one that is ending by itself says more by its own exit code
        self.process.kill()
        self.process.join()
        return self.process.exitcode


class ReadingWorkers:
    """Worker processes that read files, as a context manager; leaving it ends them at once.

    ``workers`` is their number, by default one a processor and two to eight. Each is started when there is
    work for it, the first on entering. ``reader`` must be importable where it is called by its name.
    """

    def __init__(
        self, *, limits: Limits | None = None, workers: int | None = None, reader: Reader = read_file
    ) -> None:
        self._limits, self._reader = limits or Limits(), reader
        self._most = workers or min(max(os.cpu_count() or 2, 2), _MOST_WORKERS)
        self._workers: list[_Worker] = []
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self._workers.append(_Worker(self._limits, self._reader))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def stop(self) -> None:
        """Give up what is being read; any thread may call, and ``read`` soon ends in another."""
        self._stopped.set()
        for worker in tuple(self._workers):
            worker.process.kill()

    def read(self, files: Iterable[tuple[Found, ReadOptions]]) -> Iterator[FileRead]:
        """Give what came of each file, in the order given.

        Files are taken from ``files`` as workers come free, no more than a few ahead of the one that is
        waited for. While the caller is busy with a result, each worker finishes the file it has in hand.
        Raises ``WorkerError`` where workers cannot be started at all.
        """
        coming = iter(files)
        jobs: deque[_Job] = deque()
        following = next(coming, None)
        while not self._stopped.is_set():
            self._listen(0.0)
            while (
                following is not None
                and len(jobs) < _AHEAD * self._most
                and (worker := self._idle()) is not None
            ):
                jobs.append(_Job(*following))
                worker.take(jobs[-1], self._limits)
                following = next(coming, None)
            if not jobs:
                return
            read = jobs[0].read
            if read is None:
                self._listen(None)
            else:
                jobs.popleft()
                yield read

    def _idle(self) -> _Worker | None:
        for worker in self._workers:
            if worker.job is None:
                if worker.taken < self._limits.files_a_worker:
                    return worker
                self._workers.remove(worker)
                worker.end()
                break
        if len(self._workers) < self._most:
            self._workers.append(_Worker(self._limits, self._reader))
            return self._workers[-1]
        return None

    def _listen(self, seconds: float | None) -> None:
        """Hear what busy workers have to say, waiting at most ``seconds``, or until one speaks or is overdue."""
        busy = {worker.pipe: worker for worker in self._workers if worker.job is not None}
        if not busy:
            return
        if seconds is None:
            seconds = max(min(worker.given_up_at for worker in busy.values()) - time.monotonic(), 0.0)
            seconds = min(seconds, _LOOK_UP)
        heard: list[Any] = wait(list(busy), seconds)
        for pipe in heard:
            self._hear(busy[pipe])
        for pipe, worker in busy.items():
            if pipe not in heard and time.monotonic() > worker.given_up_at:
                worker.process.kill()
                self._lose(worker, overdue=True)

    def _hear(self, worker: _Worker) -> None:
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            self._lose(worker)
            return
        if said == READY:
            worker.ready = True
        elif worker.job is not None:
            worker.job.read, worker.job = said, None

    def _lose(self, worker: _Worker, *, overdue: bool = False) -> None:
        """Name the file that a worker ended on; another worker takes its place when there is work."""
        self._workers.remove(worker)
        code = worker.end()
        if self._stopped.is_set():
            return
        if worker.job is None or not worker.ready:
            raise WorkerError(
                f"The processes that read files end as soon as they are started (exit code {code}). "
                "Close other programs, which may leave too little memory, and run again."
            )
        found = "the program part that reads files of this kind broke down on it, or ran out of memory"
        if overdue or code == EXIT_TIME:
            found = "reading it took longer than a file of its size may take"
        elif code == EXIT_MEMORY:
            found = f"reading it took more than {self._limits.memory / 1e9:.0f} GB of memory"
        shown = worker.job.found
        worker.job.read = FileRead(shown, digest_of(shown.path), [Skipped(shown.display, found, _SAVE_AGAIN)])
