"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from labels.codebook import Codebook, load_codebook

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "real"


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return load_codebook("nasem-2024")


@pytest.fixture(scope="session")
def other_codebook() -> Codebook:
    return load_codebook(ROOT / "tests" / "labels" / "data" / "stem-award.yaml")


@pytest.fixture(scope="session")
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip("the real documents (../shared/real) are not beside this checkout")
    return REAL
