"""Where the sample documents lie: invented ones, in real formats, to try the tool on."""

from __future__ import annotations

from pathlib import Path


def samples_folder() -> Path:
    """Return the folder of sample documents; its ``manifest.csv`` says what each of them is."""
    return Path(__file__).resolve().parent / "samples"
