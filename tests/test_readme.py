from __future__ import annotations

import re
import subprocess

import pytest

from pipeline.ocr import find_engine
from tests.conftest import ROOT


def blocks(text: str) -> list[str]:
    return [m.group(1).strip() for m in re.finditer(r"```sh\n(.*?)```", text, re.DOTALL)]


@pytest.fixture(scope="module")
def commands():
    return blocks((ROOT / "README.md").read_text(encoding="utf-8"))


def test_the_readme_begins_with_the_two_commands(commands):
    assert commands[0].startswith("python3 -m venv .venv && .venv/bin/pip install -c constraints.txt .")
    assert commands[0].endswith(".venv/bin/equity-frames profile corpora/samples --out out")
    assert commands[1] == "make check"


def test_pictures_and_files_the_readme_names_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = [m.group(1) for m in re.finditer(r"\]\((?!http)([^)]+)\)", text)]
    assert named
    assert all((ROOT / name).is_file() for name in named)
    for name in ("constraints.txt", "LICENSE", "NOTICE", "labels/codebooks/nasem-2024.yaml"):
        assert name in text
        assert (ROOT / name).is_file()


@pytest.mark.fresh
def test_the_first_command_works_on_a_fresh_clone(commands, tmp_path):
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)  # noqa: S603, S607
    done = subprocess.run(  # noqa: S602 - the README's own words
        commands[0], shell=True, cwd=tmp_path / "clone", capture_output=True, text=True, timeout=1500
    )
    # One sample is a scan: without Tesseract it is skipped and named.
    assert done.returncode == (3 if find_engine() is None else 0), done.stdout[-2000:] + done.stderr[-2000:]
    assert ("memo-laboratory-fees.pdf" in done.stdout) is (find_engine() is None)
    assert (tmp_path / "clone" / "out" / "report.html").is_file()
