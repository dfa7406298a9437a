"""Measure how fast and how faithfully PDFs are read, beside pypdf, pdfminer.six and markitdown.

    python -m benchmarks.reading [--policies ../shared/real/policies] [--rounds 3]

Needs the ``peers`` extra; a peer that is not installed is named and left out. All readers read the same files
in one run, in turn, and the best of the rounds counts (processor time, so that a busy machine does not judge).

Two measures of the text, over words without case and punctuation:
- against what the peers agree on (the median of their counts of each word on the policies), the share that a
  reader has (recall) and the share of its own that the others have too (precision). Ours leaves out running heads and
  page numbers on purpose: they are what it lacks.
- against the words our own sample PDFs were made from, in order: the word error rate. Running heads between two
  paragraphs, and columns or cells in another order, are errors there.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.word_errors import word_error_rate, words_of
from corpora.build_samples import INVENTED, SOURCES, read_source
from corpora.samples import samples_folder
from pipeline.readers.pdf import read_pdf

MADE = ("policy-6142-course-access", "plan-closing-the-distance")  # the samples that are PDFs with text
OURS = "equity-frames"


def read_ours(path: Path) -> str:
    """Read with the reader of this project."""
    return "\n".join(block.text for block in read_pdf(path).blocks)


def read_pypdf(path: Path) -> str:
    """Read with pypdf, as its documentation says."""
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def read_pdfminer(path: Path) -> str:
    """Read with pdfminer.six, as its documentation says."""
    from pdfminer.high_level import extract_text

    return str(extract_text(path))


def read_markitdown(path: Path) -> str:
    """Read with markitdown, as its documentation says."""
    from markitdown import MarkItDown

    return str(MarkItDown(enable_plugins=False).convert(path).text_content)


# Reader, and the module it needs beside this project's own dependencies.
READERS: Mapping[str, tuple[Callable[[Path], str], str | None]] = {
    OURS: (read_ours, None),
    "pypdf": (read_pypdf, "pypdf"),
    "pdfminer.six": (read_pdfminer, "pdfminer"),
    "markitdown": (read_markitdown, "markitdown"),
}


def main() -> None:
    """Run the benchmark and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policies", type=Path, default=Path("../shared/real/policies"))
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    made = {samples_folder() / f"{name}.pdf": source_words(name) for name in MADE}
    policies = sorted(given.policies.glob("*.pdf"))
    if not policies:
        print(f"{given.policies}: no PDFs are there, so only our samples are read.")
    readers = {name: read for name, (read, module) in READERS.items() if installed(name, module)}
    pages = sum(len(pdfium.PdfDocument(path)) for path in (*made, *policies))
    seconds = {name: [] for name in readers}
    texts: dict[str, dict[Path, list[str]]] = {name: {} for name in readers}
    for _ in range(given.rounds):
        for name, read in readers.items():
            start = time.process_time()
            found = {path: read(path) for path in (*made, *policies)}
            seconds[name].append(time.process_time() - start)
            texts[name] = {path: words_of([text.replace("\ufffe", "")]) for path, text in found.items()}
    print(f"{pages} pages of {len(made) + len(policies)} PDFs; best of {given.rounds} rounds")
    print(f"{processor()}, {platform.system()}, Python {platform.python_version()}\n")
    print("| reader | pages/s | ours is … times as fast | recall | precision | word error rate |")
    print("|---|---|---|---|---|---|")
    for name in readers:
        recall, precision = agreement(name, texts, policies)
        errors = statistics.mean(word_error_rate(words, texts[name][path]) for path, words in made.items())
        speed = pages / min(seconds[name])
        ratio = min(seconds[name]) / min(seconds[OURS])
        print(f"| {name} | {speed:.1f} | {ratio:.1f} | {recall:.3f} | {precision:.3f} | {errors:.3f} |")


def processor() -> str:
    """Name the processor as the system knows it."""
    listed = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.+)", listed.read_text()) if listed.exists() else None
    return named[1] if named else platform.processor() or platform.machine()


def installed(name: str, module: str | None) -> bool:
    """Say whether a reader can run, and tell the user where it cannot."""
    if module is None or importlib.util.find_spec(module):
        return True
    print(f"{name} is not installed and left out: pip install -e '.[peers]'")
    return False


def source_words(name: str) -> list[str]:
    """Return the words a sample was made from, in order, without running head and foot."""
    source = read_source(SOURCES / f"{name}.md")
    cells = [cell for block in source.blocks for row in (block.rows or ((block.text,),)) for cell in row]
    return words_of([source.title, source.subtitle, INVENTED, *cells])


def agreement(
    name: str, texts: Mapping[str, Mapping[Path, list[str]]], paths: list[Path]
) -> tuple[float, float]:
    """Return the mean recall and precision of a reader's words against the median count of the others."""
    recalls, precisions = [], []
    for path in paths:
        others = [Counter(found[path]) for other, found in texts.items() if other not in {name, OURS}]
        if not others:
            continue
        agreed = Counter({w: int(statistics.median_low(c[w] for c in others)) for w in set().union(*others)})
        own = Counter(texts[name][path])
        recalls.append((own & agreed).total() / max(agreed.total(), 1))
        precisions.append((own & agreed).total() / max(own.total(), 1))
    none = float("nan")
    return (statistics.mean(recalls), statistics.mean(precisions)) if recalls else (none, none)


if __name__ == "__main__":
    main()
