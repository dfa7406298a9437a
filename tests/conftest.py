"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labels.codebook import Codebook, load_codebook

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "real"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own: the user's is never looked at."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("EQUITY_FRAMES_CACHE", str(folder))
        yield folder


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
