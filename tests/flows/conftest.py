"""Runs of the real command, each made once and looked at by many tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpora.samples import samples_folder
from tests.conftest import ROOT
from tests.flows.browser import BROWSER


@dataclass
class Ran:
    code: int
    said: str
    errors: str
    out: Path


def run(
    *arguments: object,
    out: Path | None = None,
    given: str = "",
    offline: bool = False,
    programs: str | None = None,
) -> Ran:
    """Run ``equity-frames`` in a process of its own; offline means without any network but loopback.

    ``programs`` is the path on which the process looks for others; by default ours.
    """
    words = [sys.executable, "-m", "flows.cli", *map(str, arguments), *(["--out", str(out)] if out else [])]
    if offline:
        quoted = " ".join(f"'{w}'" for w in words)
        words = ["unshare", "-rn", "sh", "-c", f"ip link set lo up; exec {quoted}"]
    done = subprocess.run(  # noqa: S603 - our own command
        words,
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"} | ({} if programs is None else {"PATH": programs}),
        timeout=540,
    )
    return Ran(done.returncode, done.stdout, done.stderr, out or Path())


def can_cut_the_network() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    tried = subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], capture_output=True)  # noqa: S607 - wherever the system has it
    return tried.returncode == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, started once."""
    if BROWSER is None:
        pytest.skip("no Chromium is installed to open the report with")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def samples_run(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run("profile", samples_folder(), "--by", "kind", out=tmp_path_factory.mktemp("samples") / "out")


@pytest.fixture(scope="session")
def real_run(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run("profile", real / "policies", real / "documents", out=tmp_path_factory.mktemp("real") / "out")
