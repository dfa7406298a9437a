from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from corpora.samples import samples_folder
from tests.flows.conftest import run

UNIT = samples_folder() / "unit-living-with-the-marsh.md"


@pytest.fixture
def server(tmp_path):
    """A Prefect server of the user's own, on a free port, with a database of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    url = f"http://127.0.0.1:{port}/api"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{url}/health", timeout=2)  # noqa: S310 - our own address
                break
            except OSError:
                time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_flow_is_known_to_a_server_of_the_users_own(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", server)
    ran = run("profile", UNIT, out=tmp_path / "out")
    assert ran.code == 0, ran.errors
    asked = urllib.request.Request(  # noqa: S310 - our own address
        f"{server}/flow_runs/filter", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        runs = json.load(answer)
    assert [r["state_name"] for r in runs] == ["Completed"]
