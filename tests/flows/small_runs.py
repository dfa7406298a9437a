"""Whole runs of the command's own stages with a model that costs nothing, in processes that can be killed.

``python -m tests.flows.small_runs IN OUT CACHE|- [resume]`` makes one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.small_model import small_model
from flows.settings import RunSettings
from flows.stages import Outcome, profile_documents
from labels.codebook import load_codebook


def small_run(given: Path, out: Path, *, cache: Path | None = None, resume: bool = False, **more) -> Outcome:
    book = load_codebook("nasem-2024")
    settings = RunSettings(inputs=(given,), out=out, cache=cache, resume=resume, **more)
    return profile_documents(settings, book, lambda: (small_model(book), ()))


def contents(out: Path, *, started: bool = False) -> dict[str, bytes]:
    """Every file of a run by its path; of run.json without when it was made and, of the pages, likewise."""
    found = {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}
    about = json.loads(found.pop("run.json"))
    day = about["started"][:10]
    del about["finished"]
    if not started:
        del about["started"]
        found["report.html"] = found["report.html"].replace(day.encode(), b"DAY")
    return {**found, "run.json": json.dumps(about).encode()}


if __name__ == "__main__":
    given, out, cache, *resume = sys.argv[1:]
    small_run(Path(given), Path(out), cache=None if cache == "-" else Path(cache), resume=bool(resume))
