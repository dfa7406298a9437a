"""Know a disk that is full or may not be written to, and say so in plain words."""

from __future__ import annotations

import errno
import sqlite3

_FULL = "the disk is full, or you have used up your share of it"
_LOCKED = "it may not be written to"
_FAULTY = "the disk reports that it is faulty"
_FAULTS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "a file grew larger than the system allows",
    errno.EROFS: _LOCKED,
    errno.EACCES: _LOCKED,
    errno.EPERM: _LOCKED,
    errno.EIO: _FAULTY,
    errno.ENODEV: "the disk is gone",
}
_STORE_FAULTS = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": "the disk is full or faulty",
    "SQLITE_READONLY": _LOCKED,
    "SQLITE_CANTOPEN": _LOCKED,
}


def disk_fault(error: BaseException | None) -> str | None:
    """Say what a disk refused, also behind what a library made of it; None where it was something else."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FAULTS:
            where = f"{error.filename}: " if error.filename else ""
            return where + _FAULTS[error.errno]
        if isinstance(error, sqlite3.OperationalError):
            name = getattr(error, "sqlite_errorname", "")
            said = next((said for begins, said in _STORE_FAULTS.items() if name.startswith(begins)), None)
            if said is not None:
                return said
        error = error.__cause__ or error.__context__
    return None
