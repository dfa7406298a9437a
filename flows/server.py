"""Prefect's private server, started before anything else so that it is up when the model is.

Prefect starts one by itself where ``PREFECT_API_URL`` names none, but only when the flow begins, and
imports all of the server into our process first: ten seconds one after the other instead of side by side.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection

from pipeline.importing import fast_imports
from pipeline.processes import clean_start

PATIENCE = 120.0  # seconds; a fresh database takes 15 on two cores, and cores can be busy
LOOK_EVERY = 0.05  # seconds
HOST = "127.0.0.1"


@contextmanager
def prefect_server() -> Iterator[Callable[[], None]]:
    """Start a server unless there is one; gives a function that waits until flows can run on it.

    It dies with this process, however that ends. Where it cannot be started, Prefect does it in its own way.
    """
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    spawn = multiprocessing.get_context("spawn")  # a fork would carry our threads' locks along
    theirs, ours = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_serve, args=(port, theirs), daemon=True, name="prefect-server")
    with clean_start():
        process.start()
    theirs.close()
    settings = ExitStack()
    try:
        yield lambda: _join(port, process.is_alive, settings)
    finally:
        settings.close()
        os.environ.pop("PREFECT_API_URL", None)
        ours.close()
        process.terminate()
        process.join(10)


def _join(port: int, alive: Callable[[], bool], settings: ExitStack) -> None:
    """Point Prefect at our server once it answers; leave Prefect alone where its own settings name one.

    A server that ends with its one flow need not hear that the flow is still alive: the thread that says so
    keeps every run waiting for up to a second at its end. ``settings`` takes that back when it is closed.
    """
    from prefect.context import refresh_global_settings_context
    from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    if PREFECT_API_URL.value() or not _answers(port, alive):
        return
    os.environ["PREFECT_API_URL"] = f"http://{HOST}:{port}/api"
    refresh_global_settings_context()
    settings.enter_context(temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}))


def _answers(port: int, alive: Callable[[], bool]) -> bool:
    ends = time.monotonic() + PATIENCE
    while alive() and time.monotonic() < ends:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, port, timeout=5)  # not urllib: no proxy in between
            connection.request("GET", "/api/health")
            if connection.getresponse().status == http.client.OK:
                return True
        time.sleep(LOOK_EVERY)
    return False


def _serve(port: int, parent: Connection) -> None:
    """Serve until the process that started this one is gone."""
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - os.devnull is no path on Windows
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    # What Prefect sets for the temporary server it starts itself.
    os.environ.update(PREFECT_UI_ENABLED="0", PREFECT__SERVER_EPHEMERAL="1", PREFECT__SERVER_FINAL="1")
    with fast_imports():
        import uvicorn
        from prefect.server.api.server import create_app

    uvicorn.run(create_app, factory=True, host=HOST, port=port, log_level="error")


def _leave_with(parent: Connection) -> None:
    with suppress(EOFError, OSError):
        parent.recv()  # nothing is ever sent: it returns when the other end is gone
    os._exit(0)
