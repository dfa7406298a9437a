"""Say in plain words that a disk is full or may not be written to."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = "the disk is full, or you have used up your share of it"
_LOCKED = "it may not be written to"
_FAULTS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "a file grew larger than the system allows",
    errno.EROFS: _LOCKED,
    errno.EACCES: _LOCKED,
    errno.EPERM: _LOCKED,
    errno.EIO: "the disk reports that it is faulty",
}


class NotWrittenError(RuntimeError):
    """The run's files could not be written; the text says where, why and what to do."""


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Turn what a disk refuses while the files of ``out`` are written into ``NotWrittenError``."""
    try:
        yield
    except Exception as error:
        fault = _disk_error(error)
        if fault is None:
            raise
        where = fault.filename or f"{out} (or {tempfile.gettempdir()}, where archives are unpacked)"
        raise NotWrittenError(
            f"{where}: {_FAULTS[fault.errno or 0]}. No file was left half written, but files are missing. "
            "Free some space, or name another folder with --out, and run again."
        ) from error


def _disk_error(error: BaseException | None) -> OSError | None:
    """Find what the disk said behind what a library made of it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FAULTS:
            return error
        error = error.__cause__ or error.__context__
    return None
