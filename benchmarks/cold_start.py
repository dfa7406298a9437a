"""From the command to the report for one 20-page PDF, against its parts measured one after the other.

``python -m benchmarks.cold_start [--rounds N]``: each part in a new process, the medians of the rounds.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_collection import WORDS_A_PAGE, write_pdf
from corpora.corpus import read_corpus
from flows.environment import QUIET
from labels.codebook import load_codebook

PAGES = 20
# What the command spares itself, each part is spared too: the ratio is of doing things side by side alone.
PREPARE = "from flows.environment import prepare, spare_pytorch; prepare(); spare_pytorch(); import gc; gc.disable(); "
LEAVE = "; gc.freeze()"
PARTS = {
    "the model: its libraries imported, its files checked and loaded": (
        "from flows.models import model_for; from labels.codebook import load_codebook; "
        "model_for(load_codebook('nasem-2024'), None)"
    ),
    "Prefect: imported, its own server started, an empty flow run on it": (
        "from prefect import flow; flow(lambda: None, name='empty')()"
    ),
    "the readers, tables and reports imported": "import pipeline.read, pipeline.split, pipeline.report, "
    "pipeline.workbook, pipeline.exports.refi",
}
WORK = """
import sys, time
from pathlib import Path
from flows.environment import prepare
prepare()
from flows.cli import _quiet_libraries
from flows.models import model_for
from flows.profile_corpus import profile_corpus
from flows.server import prefect_server
from flows.settings import RunSettings
from labels.codebook import load_codebook

if __name__ == "__main__":
    book = load_codebook("nasem-2024")
    with prefect_server() as up, _quiet_libraries():
        model = model_for(book, None)
        up()
        for number in range(2):  # the second time everything is warm: what is left is the work
            began = time.perf_counter()
            profile_corpus(
                RunSettings(inputs=(Path(sys.argv[1]),), out=Path(sys.argv[2]) / str(number)), book, lambda: model
            )
        print(time.perf_counter() - began)
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "policy.pdf"
        write_pdf(pdf, running_text())
        script = Path(folder) / "work.py"
        script.write_text(WORK)
        numbers = itertools.count()
        taken: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, code in PARTS.items():
                taken.setdefault(name, []).append(_seconds([sys.executable, "-c", PREPARE + code + LEAVE]))
            out = Path(folder) / f"out{next(numbers)}"
            said = _run([sys.executable, str(script), str(pdf), str(out)])
            taken.setdefault("the work: read, split, code, profile, write", []).append(float(said))
            whole = [sys.executable, "-m", "flows.cli", "profile", str(pdf), "--quiet", "--no-cache"]
            out = Path(folder) / f"out{next(numbers)}"
            taken.setdefault("whole", []).append(_seconds([*whole, "--out", str(out)]))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    whole = medians.pop("whole")
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"One PDF of {PAGES} pages; medians of {rounds} rounds")
    for name, seconds in medians.items():
        print(f"{seconds:6.1f} s  {name}")
    print(f"{sum(medians.values()):6.1f} s  these one after the other")
    print(f"{whole:6.1f} s  the whole command: {whole / sum(medians.values()):.2f} of that")


def running_text() -> list[str]:
    """Return passages of the training corpus that fill the pages."""
    chosen: list[str] = []
    words = 0
    for passage in read_corpus(frames=load_codebook("nasem-2024").frame_ids):
        if words >= PAGES * WORDS_A_PAGE:
            break
        chosen.append(passage.text)
        words += len(passage.text.split())
    return chosen


def _seconds(command: list[str]) -> float:
    began = time.perf_counter()
    _run(command)
    return time.perf_counter() - began


def _run(command: list[str]) -> str:
    root = Path(__file__).parent.parent
    env = {**os.environ, **QUIET, "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=env, check=True, capture_output=True, text=True)  # noqa: S603 - our own commands
    return done.stdout.strip()


if __name__ == "__main__":
    main()
