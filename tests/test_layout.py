from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("labels", "pipeline", "classifiers", "corpora", "flows")


@pytest.mark.parametrize("name", PACKAGES)
def test_our_packages_are_not_shadowed_by_others_of_the_same_name(name):
    assert Path(importlib.import_module(name).__file__).is_relative_to(ROOT)


def test_no_python_file_is_over_400_lines():
    files = [p for name in (*PACKAGES, "tests", "benchmarks") for p in (ROOT / name).rglob("*.py")]
    assert files
    assert [p for p in files if len(p.read_text(encoding="utf-8").splitlines()) > 400] == []


def test_no_module_shadows_the_standard_librarys_profile():
    assert not list((ROOT / "flows").glob("profile.py"))


def test_only_the_codebook_knows_the_frames(codebook):
    """Nothing in the code names a frame or counts five of them."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            code = path.read_text(encoding="utf-8")
            for frame in codebook.frames:
                assert f'"{frame.id}"' not in code, path
                assert frame.name not in code, path
