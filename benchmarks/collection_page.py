"""Measure how large the collection's page of a large run is, and how fast a browser opens it.

    python -m benchmarks.collection_page [--documents 1000] [--passages 30] [--keep FOLDER]

Writes a run of invented documents, then opens its pages in headless Chromium, three times each,
and prints size and time (the middle of the three) until the page is laid out and painted.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks.made_run import Made, write_made_run
from pipeline.records import FoundBlock
from pipeline.report import read_run, write_report

WORDS = (
    "students teachers families district science course program access open lab grant project data plan school year "
    "support learn build share community report goal team visit model design ask answer garden river code bridge"
).split()
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def invented(documents: int, passages: int) -> list[Made]:
    """Invent documents of a few sections each."""
    rng = np.random.default_rng(1)

    def words(many: int) -> str:
        return " ".join(rng.choice(WORDS, many)).capitalize()

    made = []
    for number in range(documents):
        blocks = [FoundBlock(words(4), "heading", 1)]
        for i in range(passages):
            if i % 6 == 0:
                blocks.append(FoundBlock(words(3), "heading", 2))
            blocks.append(FoundBlock(words(int(rng.integers(20, 80))) + ".", pages=(1 + i // 5,)))
        metadata = {
            "year": str(2019 + number % 7),
            "school": f"{WORDS[number % 30].title()} School {number % 40}",
        }
        made.append(Made(f"{words(5)} {number}", blocks, kind="program", metadata=metadata))
    return made


def main() -> None:
    """Make the run, rebuild its pages, open them, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--passages", type=int, default=30)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="equity-frames-") as passing:
        measure(given.keep or Path(passing), invented(given.documents, given.passages))


def measure(folder: Path, documents: list[Made]) -> None:
    """Write, read back, render and open; print what each took."""
    begun = time.perf_counter()
    write_made_run(folder, documents, by=["year"])
    print(f"run of {len(documents)} documents written in {time.perf_counter() - begun:.1f} s")
    begun = time.perf_counter()
    run = read_run(folder)
    print(f"tables read in {time.perf_counter() - begun:.1f} s")
    begun = time.perf_counter()
    write_report(run, folder)
    print(f"pages written in {time.perf_counter() - begun:.1f} s")
    pages = sorted((folder / "reports").iterdir())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for page in (folder / "report.html", pages[0]):
            print(f"{page.name}: {page.stat().st_size / 1e6:.2f} MB, opened in {opened(browser, page):.2f} s")
        browser.close()
    print(f"all documents' pages: {sum(p.stat().st_size for p in pages) / 1e6:.0f} MB in {len(pages)} files")


def opened(browser: Browser, path: Path) -> float:
    """Seconds from asking for the page to its second painted frame."""
    took = []
    for _ in range(3):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        begun = time.perf_counter()
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate(PAINTED)
        took.append(time.perf_counter() - begun)
        page.close()
    return statistics.median(took)


if __name__ == "__main__":
    main()
