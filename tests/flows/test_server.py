from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

from flows import server
from flows.server import _join, prefect_server
from tests.conftest import ROOT

HOLD = """
import os, time
from flows.environment import prepare
prepare()
from flows.server import prefect_server
if __name__ == "__main__":
    with prefect_server() as up:
        up()
        print(os.environ["PREFECT_API_URL"], flush=True)
        time.sleep(300)
"""


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_the_server_dies_with_the_process_that_started_it(tmp_path):
    script = tmp_path / "hold.py"
    script.write_text(HOLD)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("PREFECT_API_URL", None)
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)  # noqa: S603 - our own
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        port = int(url.removesuffix("/api").rsplit(":", 1)[1])
        assert answers(port)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    ends = time.monotonic() + 30
    while answers(port) and time.monotonic() < ends:
        time.sleep(0.1)
    assert not answers(port)


def test_a_private_server_is_spared_the_heartbeats_that_would_hold_up_the_end_of_a_run(monkeypatch):
    from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings

    monkeypatch.setenv("PREFECT_API_URL", "")  # set, so that it is put back
    monkeypatch.setattr(server, "_answers", lambda *_: True)
    monkeypatch.setattr(
        "prefect.context.refresh_global_settings_context", lambda: None
    )  # other tests' server stays
    usual = get_current_settings().flows.heartbeat_frequency
    with temporary_settings(restore_defaults=[PREFECT_API_URL]), ExitStack() as settings:
        _join(1, lambda: True, settings)
        assert get_current_settings().flows.heartbeat_frequency is None
        settings.close()
        assert get_current_settings().flows.heartbeat_frequency == usual is not None


def test_a_server_of_the_users_own_is_used_and_none_started(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr("multiprocessing.get_context", lambda kind: 1 / 0)
    with prefect_server() as up:
        up()
        assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"


def test_where_the_server_cannot_start_prefect_is_left_to_its_own_ways(monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    _join(1, lambda: False, ExitStack())  # the process has ended
    assert "PREFECT_API_URL" not in os.environ
