"""Set Prefect and PyTorch up before they are imported: no telemetry, few words, no busy waiting."""

from __future__ import annotations

import os
import sys

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # documents can be confidential: nothing calls home
    "DO_NOT_TRACK": "1",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",  # a server of its own where PREFECT_API_URL names none
    # People read our progress bar, and errors in our words; set it to INFO to see Prefect's.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # a fresh database took 15 s on two cores
}


def prepare() -> None:
    """Fill in what the user has not set; must run before the first ``import prefect`` or ``import torch``."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    # Waiting threads sleep: where another program has a core, spinning ones took 5 minutes for what takes 2.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for name in ("PREFECT_SERVER_ANALYTICS_ENABLED", "DO_NOT_TRACK"):
        os.environ[name] = QUIET[name]  # not up for discussion


def spare_pytorch() -> None:
    """Import what spaCy stands on (thinc) without PyTorch, which it would import beside it and we never use with it.

    That is a second, and 180 MB. spaCy's neural components do not work in this process from then on, so this is
    for the command line alone; call it before there are threads, which could want PyTorch just then.
    """
    if "torch" in sys.modules or "thinc" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # how Python spells "there is none"
    try:
        import thinc.compat  # noqa: F401 - looks for PyTorch once, here
    finally:
        del sys.modules["torch"]
