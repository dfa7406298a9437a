"""Start processes that begin clean: no threads, no files and no main program of the one that starts them."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from pipeline.errors import WorkerError

# Linux: a server without threads imports the readers and the writer of workbooks once, and each process is its
# copy, ready in 20 ms.
# Elsewhere every worker begins as a new Python, which takes a second or two; it is safe everywhere.
METHOD = "forkserver" if sys.platform == "linux" else "spawn"
_IMPORTED_ONCE = ["pipeline.preloaded"]


def warm_up() -> None:
    """Begin to import the readers in the background, where the system allows it; the sooner the better."""
    if METHOD == "forkserver":
        with clean_start():
            forkserver.set_forkserver_preload(_IMPORTED_ONCE)
            forkserver.ensure_running()


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start ``target`` in a process that ends with this one at the latest."""
    warm_up()
    process: BaseProcess = context().Process(target=target, args=arguments, daemon=True)  # type: ignore[attr-defined]  # typeshed leaves it out
    with clean_start():
        process.start()
    return process


@contextmanager
def in_a_thread(call: Callable[..., object], *arguments: Any) -> Iterator[None]:
    """Make a call while the block runs; leaving it waits for the call, and raises what it raised."""
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(call, *arguments)
        yield
        made.result()


@contextmanager
def in_a_process(call: Callable[..., object], *arguments: Any) -> Iterator[None]:
    """As ``in_a_thread``, on another core: worth it from about a second of work.

    The process makes this one call and ends, also where this program is killed meanwhile. WorkerError if it
    ends without an answer.
    """
    ours, theirs = context().Pipe(duplex=False)
    process = start(_answer, theirs, call, arguments)
    del arguments  # it has copies; what the block lets go of is free
    theirs.close()
    try:
        yield
        try:
            raised = ours.recv()
        except EOFError:
            process.join()
            raise WorkerError(
                f"A process that writes outputs has ended early (exit code {process.exitcode}). "
                "Close other programs, which may leave too little memory, and run again."
            ) from None
        if raised is not None:
            raise raised
    finally:
        process.join()
        ours.close()


def _answer(pipe: Connection, call: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    raised = None
    try:
        call(*arguments)
    except Exception as error:  # noqa: BLE001 - raised again where it was asked for
        raised = error
    with suppress(OSError):  # nobody listens any more
        pipe.send(raised)


def context() -> BaseContext:
    """Give the kind of processes that this system starts."""
    return multiprocessing.get_context(METHOD)


@contextmanager
def clean_start() -> Iterator[None]:
    """Keep Python from carrying two things into a new process.

    It would run the main program there again: for a command that means seconds of imports, for a script
    without ``if __name__ == "__main__"`` an endless loop. And it would look for modules in the folder it is
    started in first: a folder of documents from others may hold a ``socket.py``. The new process looks where
    this one does.
    """
    before = {name: os.environ.get(name) for name in ("PYTHONSAFEPATH", "PYTHONPATH")}
    main = sys.modules["__main__"]
    os.environ["PYTHONSAFEPATH"] = "1"
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
