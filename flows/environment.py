"""Set Prefect and PyTorch up before they are imported: no telemetry, few words, no busy waiting."""

from __future__ import annotations

import os

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
