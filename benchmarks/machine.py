"""Name the machine that something was measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from classifiers.batches import threads


def machine() -> str:
    """Name the processor, the cores this process may use, what runs on them and what programs are made with."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "")
    found = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {flag}" in flags]
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    cores = f"{threads()} core{'s' if threads() > 1 else ''}"
    name = names[0] if names else platform.processor() or platform.machine()
    return (
        f"{name}, {cores}, {' '.join(found)}{busy}, {platform.system()}, Python {platform.python_version()}"
    )
