"""The worker process: it reads one file after another, and may break without harm to anything else."""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NoReturn, TextIO

import pyarrow

from pipeline.find import Found
from pipeline.limits import Limits, grant_with
from pipeline.read import FileRead, ReadOptions, digest_of, read_file
from pipeline.records import Document, Skipped, without_halves

Reader = Callable[[Found, ReadOptions], FileRead]
READY = "ready"
EXIT_TIME = 1  # faulthandler's own choice
EXIT_MEMORY = 3
_LOOKS_A_SECOND = 10
_REPORT = "Please report this as a fault of equity-frames; saved as .docx, .pdf or .txt it may be readable"


def serve(connection: Connection, limits: Limits, reader: Reader = read_file) -> None:
    """Say ``READY``, then answer each ``(found, options)`` with a ``FileRead`` until the other end closes."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path, a device
        _hold(limits, nowhere)
        clock = _Clock(limits, nowhere)
        grant_with(clock.more)
        connection.send(READY)
        while True:
            try:
                found, options = connection.recv()
            except (EOFError, OSError):
                return  # the run is over, or was killed
            clock.start(_size(found))
            try:
                reply = pickle.dumps(_read(reader, found, options, limits))
            except MemoryError:
                os._exit(EXIT_MEMORY)  # what it holds is lost anyway; a new worker begins with nothing
            clock.stop()
            connection.send_bytes(reply)


class _Clock:
    """Ends this process when a file's time is up, whatever it is doing: the clock is no Python code."""

    def __init__(self, limits: Limits, nowhere: TextIO) -> None:
        self._limits, self._nowhere = limits, nowhere
        self._began = self._own = self._allowed = 0.0

    def start(self, size: int) -> None:
        self._began, self._own = time.monotonic(), self._limits.seconds_for(size)
        self._allowed = self._own
        self._set()

    def more(self, seconds: float) -> bool:
        wanted = time.monotonic() - self._began + seconds + self._own
        most = self._limits.most_seconds_asked
        self._allowed = max(self._allowed, min(wanted, most))
        self._set()
        return wanted <= most

    def stop(self) -> None:
        faulthandler.cancel_dump_traceback_later()

    def _set(self) -> None:
        left = max(self._began + self._allowed - time.monotonic(), 0.001)
        faulthandler.dump_traceback_later(left, exit=True, file=self._nowhere)


def _read(reader: Reader, found: Found, options: ReadOptions, limits: Limits) -> FileRead:
    try:
        read = reader(found, options)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - said as a fault of ours; the run goes on
        said = without_halves(f"reading it failed ({type(error).__name__}: {error})")
        skipped = Skipped(found.display, said, _REPORT)
        return FileRead(found, digest_of(found.path), [skipped])
    length = sum(len(result.text) for result in read.results if isinstance(result, Document))
    if length > limits.most_characters:
        too_long = Skipped(
            found.display,
            f"it holds {length / 1e6:,.0f} million characters, more than {limits.most_characters / 1e6:,.0f}",
            "Give it in several files",
        )
        return FileRead(found, read.digest, [too_long])
    return read


def _size(found: Found) -> int:
    try:
        return found.path.stat().st_size
    except OSError:
        return 0  # the reader will say what is wrong with it


def _hold(limits: Limits, nowhere: TextIO) -> None:
    """Give this process no more than it needs: memory, no network, no screen, no interrupts of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends this one
    for stream in (1, 2):
        os.dup2(nowhere.fileno(), stream)  # what C libraries say of broken files is for nobody
    for name in ("connect", "connect_ex", "sendto", "sendmsg", "bind"):
        if hasattr(socket.socket, name):
            setattr(socket.socket, name, _no_network)
    socket.getaddrinfo = socket.create_connection = _no_network
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())  # its own begins with 1 GB of addresses
    _hold_memory(limits.memory)


def _no_network(*_: object, **__: object) -> NoReturn:
    raise PermissionError("a file that is read may not use the network")


def _hold_memory(limit: int) -> None:
    """Hold the memory to ``limit`` bytes: by the system on Linux, elsewhere by looking ten times a second."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no copies of documents in core files
    else:
        threading.Thread(target=watch_memory, args=(limit,), daemon=True).start()


def watch_memory(limit: int) -> NoReturn:
    """End this process soon after it holds more than ``limit`` bytes; one huge step may come between looks."""
    import psutil

    process = psutil.Process()
    while True:
        if process.memory_info().rss > limit:
            os._exit(EXIT_MEMORY)
        time.sleep(1 / _LOOKS_A_SECOND)
