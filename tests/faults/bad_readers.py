"""Readers that go wrong on purpose; a file's name says how. Workers import this module by its name."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import time
import urllib.request

from pipeline.find import Found
from pipeline.limits import more_time
from pipeline.read import FileRead, ReadOptions, read_file


def read_badly(found: Found, options: ReadOptions) -> FileRead:
    """Read as usual, unless the file's name asks for something else."""
    _FAULTS.get(found.path.stem.split("-")[0], lambda: None)()
    return read_file(found, options)


def leave_at_once(*_: object) -> None:
    """Be a worker that cannot even start."""
    os._exit(4)


def _abort() -> None:
    os.abort()


def _segfault() -> None:
    ctypes.string_at(0)


def _hang() -> None:
    while True:
        time.sleep(1)


def _hang_in_c() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")  # holds the interpreter's lock for years


def _eat() -> None:
    hoard = [bytearray(50_000_000)]
    while True:
        hoard.append(bytearray(50_000_000))


def _eat_at_once() -> None:
    ctypes.memset(ctypes.create_string_buffer(8_000_000_000), 1, 8_000_000_000)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _leave() -> None:
    os._exit(0)


def _fail() -> None:
    raise LookupError("no such thing")


def _dial() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def _fetch() -> None:
    urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)


def _ask_for_time() -> None:
    more_time(30.0)
    time.sleep(1.6)


_FAULTS = {
    "abort": _abort,
    "segfault": _segfault,
    "hang": _hang,
    "lock": _hang_in_c,
    "eat": _eat,
    "gulp": _eat_at_once,
    "stop": _stop,
    "leave": _leave,
    "fail": _fail,
    "dial": _dial,
    "fetch": _fetch,
    "patience": _ask_for_time,
}
