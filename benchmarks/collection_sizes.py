"""Measure what a collection costs by its size, and what a second run over it costs when little has changed.

    python -m benchmarks.collection_sizes [--sizes 100 1000 10000] [--rescan 1000] [--rows] [--small]

Each run is a process of its own, so that its peak memory is its own. For each size: seconds from the first
file to the last output (the model is loaded before), documents a second, peak memory, and the share of the
time in which nothing was being encoded. Then the first run over ``--rescan`` documents with an empty
cache, and one after a hundredth of the files changed. ``--rows``: all documents are rows of one CSV.
``--small``: a model that costs nothing, to see everything else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.made_collection import make_collection

CHANGED = 100  # one document in so many is another in the second run
_MEGABYTE = 1 << 20


def main() -> None:
    """Make the collections, run, and print what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000, 10_000])
    parser.add_argument("--rescan", type=int, default=1_000)
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)  # what a process of its own is asked
    parser.add_argument("--model", help=argparse.SUPPRESS)  # and with which model
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(*given.one, small=given.small, name=given.model)))
        return
    print(f"{machine()}; {'a model that costs nothing' if given.small else 'the default model'}")
    with tempfile.TemporaryDirectory(prefix="equity-frames-") as folder:
        by_size(Path(folder), given.sizes, rows=given.rows, small=given.small)
        if given.rescan:
            rescan(Path(folder), given.rescan, small=given.small)


def by_size(folder: Path, sizes: list[int], *, rows: bool, small: bool) -> None:
    """Run over collections of several sizes and compare them."""
    print("documents  passages  seconds  documents/s  peak MB  not encoding  not encoding : encoding")
    peaks = {}
    for size in sizes:
        make_collection(folder / f"in{size}", size, rows=rows)
        one = run_apart(folder / f"in{size}", folder / f"out{size}", None, small=small)
        peaks[size] = one["peak"]
        other = one["seconds"] - one["encoding"]
        print(
            f"{size:9,}  {one['passages']:8,}  {one['seconds']:7.1f}  {size / one['seconds']:11.1f}  "
            f"{one['peak']:7.0f}  {other / one['seconds']:12.0%}  {other / max(one['encoding'], 1e-9):23.2f}",
            flush=True,
        )
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        print(f"memory at {last:,} documents : at {first:,} = {peaks[last] / peaks[first]:.2f}")


def rescan(folder: Path, size: int, *, small: bool) -> None:
    """Run over a collection, change a hundredth of it, and run again into the same folder."""
    given, out, cache = folder / "rescan", folder / "rescanned", folder / "cache"
    make_collection(given, size)
    first = run_apart(given, out, cache, small=small)
    for path in sorted(given.iterdir())[::CHANGED]:
        path.write_text(path.read_text(encoding="utf-8") + "\nThis sentence was added to the page a month later.\n",
                        encoding="utf-8")  # fmt: skip
    second = run_apart(given, out, cache, small=small)
    print(
        f"\n{size:,} documents, empty cache: {first['seconds']:.1f} s; with one in {CHANGED} changed: "
        f"{second['seconds']:.1f} s; {first['seconds'] / second['seconds']:.1f} times as fast"
    )


def run_apart(given: Path, out: Path, cache: Path | None, *, small: bool) -> dict[str, Any]:
    """Make a run in a process of its own."""
    words = ["--one", str(given), str(out), str(cache or "-"), *(["--small"] if small else [])]
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "benchmarks.collection_sizes", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(given: str, out: str, cache: str, *, small: bool, name: str | None = None) -> dict[str, Any]:
    """Make a run with the model of that ``name`` and say what it took."""
    # Not above: the process that writes the workbook begins by importing this very module.
    from benchmarks.small_model import small_model
    from flows.environment import prepare, spare_pytorch

    prepare()
    from pipeline.importing import fast_imports
    from pipeline.processes import warm_up

    warm_up()
    with fast_imports():  # as the command does it
        spare_pytorch()
        from flows import stages
        from flows.models import model_for
        from flows.settings import RunSettings
    from labels.codebook import load_codebook

    book = load_codebook("nasem-2024")
    model, warnings = (small_model(book), ()) if small else model_for(book, name)
    spent = [0.0]

    @contextmanager
    def counted() -> Iterator[None]:
        begun = time.perf_counter()
        yield
        spent[0] += time.perf_counter() - begun

    def counting(act: Callable[..., Any]) -> Callable[..., Any]:
        def counted_act(*words: Any, **more: Any) -> Any:
            with counted():
                return act(*words, **more)

        return counted_act

    # Coding and evidence are what the encoder is for; everything else is overhead.
    kind: Any = type(model.encoder)  # on the kind: the encoder itself is to go when the run lets go of it
    kind.transform, kind.token_vectors = counting(kind.transform), counting(kind.token_vectors)
    settings = RunSettings(inputs=(Path(given),), out=Path(out), cache=None if cache == "-" else Path(cache))
    begun = time.perf_counter()
    loaded = [(model, warnings)]
    del model  # the run alone holds it, as the command's does, and lets it go when all is coded
    outcome = stages.profile_documents(settings, book, loaded.pop)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "encoding": spent[0], "peak": peak(), "passages": outcome.passages}


def peak() -> float:
    """The most memory this process has held, in megabytes."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGABYTE


if __name__ == "__main__":
    main()
