"""What tests of documents and exports may ask for."""

from __future__ import annotations

import pytest

from tests.pipeline.made_run import Made, make_run


@pytest.fixture
def made(codebook) -> Made:
    return make_run(codebook)
