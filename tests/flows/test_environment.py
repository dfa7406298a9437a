from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT


def said_by(code: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_spacy_splits_sentences_without_pytorch_and_pytorch_can_still_be_had():
    assert said_by(
        "import sys; from flows.environment import spare_pytorch; spare_pytorch();"
        "from pipeline.sentences import sentence_spans;"
        "print(len(list(sentence_spans('One sentence. And another.'))), 'torch' in sys.modules);"
        "import torch; print(torch.ones(2).sum().item())"
    ).split() == ["2", "False", "2.0"]


def test_who_has_imported_pytorch_keeps_it():
    assert (
        said_by(
            "import torch; from flows.environment import spare_pytorch; spare_pytorch();"
            "import thinc.compat; print(thinc.compat.has_torch)"
        )
        == "True"
    )


def test_imports_are_made_without_the_collector_and_it_goes_on_afterwards():
    assert said_by(
        "import gc; from pipeline.importing import fast_imports\n"
        "try:\n"
        "    with fast_imports():\n"
        "        print(gc.isenabled())\n"
        "        import no_such_library\n"
        "except ImportError:\n"
        "    print(gc.isenabled(), gc.get_freeze_count() > 0)"
    ).split() == ["False", "True", "True"]
