"""``equity-frames cache``: what runs keep for later runs, and where."""

from __future__ import annotations

import os
from pathlib import Path

import cyclopts
import platformdirs

from flows.settings import EXIT_ALL_READ, UsageError
from pipeline.cache import FILE, Cache

VARIABLE = "EQUITY_FRAMES_CACHE"
_KINDS = {
    "readings": "files as they were read",
    "passages": "documents as they were split",
    "embeddings": "passages as the encoder turned them into numbers",
    "codings": "passages as they were coded",
    "profiles": "documents as they were profiled",
}

app = cyclopts.App(name="cache", result_action="return_value")


def cache_folder() -> Path:
    """Return where the cache is: the folder EQUITY_FRAMES_CACHE names, or one in the user's own cache folder."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("equity-frames", appauthor=False)


@app.command
def info() -> int:
    """Say where the cache is, how much it holds and how much it may hold."""
    folder = cache_folder()
    if not (folder / FILE).is_file():
        print(f"{folder}: no run has kept anything there yet.")
        return EXIT_ALL_READ
    cache = _opened(folder)
    size, entries = cache.info()
    cache.close()
    print(
        f"{folder}: {size / 1e6:,.1f} MB of {cache.most / 1e6:,.0f} MB at most; what is least used goes first."
    )
    for kind, many in entries.items():
        print(f"  {_KINDS.get(kind, kind)}: {many:,}")
    print(f"It holds the text of your documents; only you can open it. {VARIABLE} names another one.")
    return EXIT_ALL_READ


@app.command
def clear() -> int:
    """Throw away all that runs have kept; the next run reads and codes everything anew."""
    folder = cache_folder()
    if (folder / FILE).is_file():
        cache = _opened(folder)
        size = cache.info().size
        cache.clear()
        cache.close()
        if cache.remarks:
            raise UsageError(f"{'; '.join(cache.remarks)}.")
        print(f"{folder}: {size / 1e6:,.1f} MB thrown away.")
    else:
        print(f"{folder}: there is nothing to throw away.")
    return EXIT_ALL_READ


def _opened(folder: Path) -> Cache:
    cache = Cache(folder)
    for remark in cache.remarks:
        print(f"{remark[0].upper()}{remark[1:]}.")
    return cache
