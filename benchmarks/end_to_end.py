"""Measure the whole way from files to codings, beside what one would write by hand.

    python -m benchmarks.end_to_end [FOLDER] [--documents 150] [--rounds 3]

Over a folder of one's own, or over invented PDFs, of which nearly every passage carries a frame: evidence, which
only ours looks for, is most of their work.

By hand: our reader and splitter one file after the other, then (a) to (c) of ``benchmarks.encoding`` over all
passages. Ours: a run with all that it makes of the codings (evidence, profiles, report, workbook, exports), nothing
taken from the cache. Each is a process of its own that loads its model first; seconds are from the first file to the
last result. Rounds take turns, and the middle of the ratios within a round is printed. A page is one of a PDF, or
430 words of anything else. Memory is the most that the process and those it starts hold together; what they share
counts once (on Linux; elsewhere it is left out).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pypdfium2 as pdfium

from benchmarks.encoding import DEFAULT, FAST, PLAIN, SETFIT, TFIDF, coding_texts, contenders
from benchmarks.machine import machine
from benchmarks.made_collection import WORDS_A_PAGE, make_pdfs
from classifiers.frame_model import load_model
from flows.environment import prepare
from labels.codebook import load_codebook
from pipeline.find import find_files
from pipeline.read import ReadOptions, read_file
from pipeline.records import Document

# Ours are runs as ``benchmarks.collection_sizes`` makes them, with these words more.
OURS: dict[str, list[str]] = {DEFAULT: [], FAST: ["--model", "fast"]}
LOOK_EVERY = 1.0  # seconds


def main() -> None:
    """Make the documents, let the contenders take turns, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--documents", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--by-hand", help=argparse.SUPPRESS)  # what a process of its own is asked
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="equity-frames-") as folder:
        if given.by_hand:
            print(json.dumps(by_hand(given.by_hand, given.folder, Path(folder))))
            return
        if given.folder is None:
            make_pdfs(Path(folder) / "in", given.documents)
        compare(given.folder or Path(folder) / "in", Path(folder), given.rounds)


def compare(given: Path, folder: Path, rounds: int) -> None:
    """Let every contender go over the same documents, and print what each took."""
    took: dict[str, list[dict[str, Any]]] = {name: [] for name in (PLAIN, SETFIT, TFIDF, *OURS)}
    for number in range(rounds):
        for place, (name, each) in enumerate(took.items()):
            each.append(run_apart(name, given, folder / f"out-{number}-{place}"))
    documents, pages = took[PLAIN][0]["documents"], took[PLAIN][0]["pages"]
    print(
        f"{machine()}\n{documents} documents, {pages:,} pages; {rounds} rounds; the middle, then the range\n"
    )
    print("| contender | passages | seconds | passages/s | pages/s | × (a) | range | memory, MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name, each in took.items():
        against = [a["seconds"] / b["seconds"] for a, b in zip(took[PLAIN], each, strict=True)]
        seconds = statistics.median(one["seconds"] for one in each)
        passages = each[0]["passages"]
        memory = max(one["memory"] for one in each)
        print(
            f"| {name} | {passages:,} | {seconds:.1f} | {passages / seconds:,.0f} | {pages / seconds:.1f} "
            f"| {statistics.median(against):.1f} | {min(against):.1f} to {max(against):.1f} "
            f"| {memory or 'unknown':,} |"
        )


def run_apart(name: str, given: Path, out: Path) -> dict[str, Any]:
    """Let one contender work in a process of its own, and watch its memory."""
    words = (
        ["benchmarks.collection_sizes", "--one", str(given), str(out), "-", *OURS[name]]
        if name in OURS
        else ["benchmarks.end_to_end", str(given), "--by-hand", name]
    )
    with subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        peak = 0
        while process.poll() is None:
            peak = max(peak, held(process.pid))
            time.sleep(LOOK_EVERY)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{name} ended with exit code {process.returncode}")
    return {**json.loads(said.splitlines()[-1]), "memory": round(peak / 1e6)}


def held(pid: int) -> int:
    """Return the bytes that a process and all it started hold; 0 where the system does not tell."""
    total = 0
    with suppress(psutil.Error):
        first = psutil.Process(pid)
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.Error):
                total += getattr(process.memory_full_info(), "pss", 0)
    return total


def by_hand(name: str, given: Path, unpacked: Path) -> dict[str, Any]:
    """Read and split one file after the other, and code all passages, as a script would."""
    prepare()
    code = contenders(load_codebook("nasem-2024"))[name]()
    encoder = load_model().encoder
    code(["A first passage, for whatever is made ready at the first one."])
    begun = time.perf_counter()
    found, _ = find_files([given], unpacked)
    read = [(file.path, read_file(file, ReadOptions()).results) for file in found]
    documents = [
        (path, document) for path, results in read for document in results if isinstance(document, Document)
    ]
    texts = coding_texts([document for _, document in documents], encoder)
    code(texts)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "passages": len(texts),
        "documents": len(documents),
        "pages": pages(documents),
    }


def pages(documents: Sequence[tuple[Path, Document]]) -> int:
    """Count the pages of PDFs, and those that other documents would fill."""
    words = sum(len(d.text.split()) for path, d in documents if path.suffix != ".pdf")
    return round(words / WORDS_A_PAGE) + sum(
        len(pdfium.PdfDocument(path)) for path, _ in documents if path.suffix == ".pdf"
    )


if __name__ == "__main__":
    main()
