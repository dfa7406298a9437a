"""Text recognition (OCR): a small table of engines that turn the picture of a page into words with places."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from lxml import etree
from numpy.typing import NDArray

OCR_SECONDS_A_PAGE = 60.0
"""The longest one page may take: Tesseract needs 2 s for a full one on a quiet core, 8 s where others work."""
_LEAST_SURE = 0.4
"""A line read less surely than this on average is specks or the edge of a picture, for which letters are made up."""


class OcrError(RuntimeError):
    """An engine could not read a page: it took too long, ran out of memory or failed."""


@dataclass(frozen=True, slots=True)
class OcrWord:
    """One word as read: its left and right end in pixels, and how sure the engine is (0 to 1)."""

    text: str
    x0: float
    x1: float
    sureness: float


@dataclass(frozen=True, slots=True)
class OcrLine:
    """Words on one line, left to right, in pixels from the top left.

    ``baseline`` is its height at ``words[0].x0``; it falls by ``slope`` a pixel to the right. ``ascent`` is the
    height of its capitals and tall letters above the baseline. Of a ``turned`` line, which does not run from
    left to right, only the words count.
    """

    words: tuple[OcrWord, ...]
    baseline: float
    slope: float
    ascent: float
    turned: bool = False


class Engine(Protocol):
    """What reads the picture of a page."""

    @property
    def name(self) -> str:
        """The engine and its version, as a user should see them."""

    def read(self, picture: NDArray[np.uint8], dots: float) -> list[OcrLine]:
        """Read a grey picture (rows by columns, 0 is black) of ``dots`` an inch; raises OcrError."""

    def turn(self, picture: NDArray[np.uint8], dots: float) -> int:
        """Say by how many quarter turns clockwise the picture comes to stand upright; 0 where that is not known."""


@dataclass(frozen=True)
class Tesseract:
    """The ``tesseract`` program. It reads English, in one thread, from one picture to one answer.

    The program and not a binding of it: the bindings bring no language data, so that the program has to be
    installed for its data anyway; and a process of its own keeps the memory of what it leaks. Its hOCR answer
    and not its table: only hOCR says where the baseline runs and how tall the letters are.
    """

    program: str
    version: str

    @property
    def name(self) -> str:
        """``Tesseract`` and its version."""
        return f"Tesseract {self.version}"

    def read(self, picture: NDArray[np.uint8], dots: float) -> list[OcrLine]:
        """Read a grey picture; raises OcrError where the program fails or takes too long."""
        return _lines_of(_run([*self._words(dots), "-l", "eng", "hocr"], _as_pgm(picture)))

    def turn(self, picture: NDArray[np.uint8], dots: float) -> int:
        """Ask the program for the page's orientation alone."""
        try:
            said = _run([*self._words(dots), "--psm", "0"], _as_pgm(picture))
        except OcrError:  # too few letters to tell, or its data (osd) is not installed
            return 0
        found = re.search(rb"^Rotate: (\d+)", said, re.MULTILINE)
        return int(found[1]) // 90 % 4 if found else 0

    def _words(self, dots: float) -> list[str]:
        return [self.program, "stdin", "stdout", "--dpi", str(round(dots))]


def _as_pgm(picture: NDArray[np.uint8]) -> bytes:
    """Write a picture in the plainest format there is: nothing to compress, nothing to parse."""
    rows, columns = picture.shape
    return b"P5\n%d %d\n255\n" % (columns, rows) + picture.tobytes()


def _run(words: list[str], given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - the program found below, with words of ours
            words,
            input=given,
            capture_output=True,
            timeout=OCR_SECONDS_A_PAGE,
            # More threads are slower than one: they wait for each other at every line.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OcrError(f"it took longer than {OCR_SECONDS_A_PAGE:.0f} seconds") from error
    except OSError as error:
        raise OcrError(f"it cannot be started ({error.strerror})") from error
    if done.returncode:
        raise OcrError(done.stderr.decode("utf-8", "replace").strip()[:200] or "it failed")
    return done.stdout


def _lines_of(hocr: bytes) -> list[OcrLine]:
    """Take lines and words from hOCR, which says what it knows in each element's title."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=True)
    page = etree.fromstring(hocr, parser)
    lines: list[OcrLine] = []
    for element in page.iter("{*}span") if page is not None else ():
        if element.get("class") == "ocrx_word" or not element.get("id", "").startswith("line_"):
            continue
        words, said = _words(element), _said(element)
        ascent = said.get("x_size", [0.0])[0] - said.get("x_descenders", [0.0])[0]
        if not words or ascent <= 0:
            continue
        if "baseline" not in said:
            lines.append(OcrLine(words, 0.0, 0.0, ascent, turned=True))
            continue
        slope, offset = said["baseline"]
        left, _, _, bottom = said["bbox"]
        baseline = bottom + offset + slope * (words[0].x0 - left)
        lines.append(OcrLine(words, baseline, slope, ascent))
    return lines


def _words(line: Any) -> tuple[OcrWord, ...]:
    """Take a line's words; a word that is not sure goes with its line only, for good ones are among them."""
    words = []
    for element in line:
        said, text = _said(element), " ".join("".join(element.itertext()).split())
        if text and "bbox" in said:
            words.append(OcrWord(text, said["bbox"][0], said["bbox"][2], said.get("x_wconf", [0.0])[0] / 100))
    for place, (word, following) in enumerate(pairwise(words)):
        if word.text == "|" and following.text[:1].islower():
            words[place] = replace(word, text="I")  # what a stroke before a word is in English
    return tuple(words) if sureness_of(words) >= _LEAST_SURE else ()


def sureness_of(words: Sequence[OcrWord]) -> float:
    """Average how surely words were read, by their letters; 0 for none."""
    return sum(word.sureness * len(word.text) for word in words) / max(sum(len(w.text) for w in words), 1)


def _said(element: Any) -> dict[str, list[float]]:
    """Read a title such as ``bbox 10 20 30 40; x_wconf 96`` into names and numbers."""
    found: dict[str, list[float]] = {}
    for part in element.get("title", "").split(";"):
        name, *numbers = part.split()
        found[name] = [float(number) for number in numbers]
    return found


@cache
def _tesseract(program: str) -> Tesseract | None:
    """Give the engine if the program runs and has its English data; asked once a process."""
    try:
        version = _run([program, "--version"]).decode("utf-8", "replace").split()
        languages = _run([program, "--list-langs"]).decode("utf-8", "replace").split()
    except OcrError:
        return None
    return Tesseract(program, version[1].lstrip("v")) if "eng" in languages and len(version) > 1 else None


def find_tesseract() -> Tesseract | None:
    """Find Tesseract on the path, or where its Windows installer puts it without saying so on the path."""
    folder = os.environ.get("PROGRAMFILES", r"C:\Program Files")
    installed = Path(folder) / "Tesseract-OCR" / "tesseract.exe"
    program = shutil.which("tesseract") or (str(installed) if installed.is_file() else None)
    return _tesseract(program) if program else None


ENGINES: Mapping[str, Callable[[], Engine | None]] = {"tesseract": find_tesseract}
"""Engines in order of preference; each gives itself, or None where it cannot run on this computer."""

_INSTALL: Mapping[str, str] = {
    "linux": "`sudo apt install tesseract-ocr`, or `sudo dnf install tesseract`",
    "darwin": "`brew install tesseract`",
    "win32": "`winget install UB-Mannheim.TesseractOCR`",
}


def find_engine() -> Engine | None:
    """Give the first engine that can run here, or None."""
    return next((engine for find in ENGINES.values() if (engine := find()) is not None), None)


def how_to_install(system: str = sys.platform) -> str:
    """Say what to install on this system, as a clause: ``install Tesseract with its English data (...)``."""
    return f"install Tesseract with its English data ({_INSTALL.get(system, _INSTALL['linux'])})"
