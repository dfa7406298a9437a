"""A cache that runs share: readings, passages and codings by the hash of all they depend on.

One SQLite file that only its owner can open. Whatever happens to it, a run goes on: what
cannot be had from the cache is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

FILE = "cache.sqlite"
# A reading is 5 to 20 KB, a passage's embedding and coding 1.8: some 40,000 documents of 16 passages.
MOST_BYTES = 2_000_000_000
_KEPT = 0.9  # of MOST_BYTES after a removal, so that the next one is not due at once
_FORMAT = 1
_PATIENCE = 20.0  # seconds to wait for another run that is writing; its writes take milliseconds
_DAY = 86_400.0  # how finely the last use is kept: a use a day costs a write, one a run would cost many
_ASKED_AT_ONCE = 500  # keys; SQLite takes 999 and more
_CHECK_EVERY = 64_000_000  # bytes put between two looks at the size
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")  # the last: a table is not there, or is another
_TABLES = """
CREATE TABLE entries (key BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, used INTEGER NOT NULL, value BLOB NOT NULL);
CREATE INDEX by_use ON entries (used);
"""
T = TypeVar("T")


class Info(NamedTuple):
    """What a cache holds: its bytes on disk, and how many entries of each kind."""

    size: int
    entries: dict[str, int]


def key_of(*parts: str | bytes) -> bytes:
    """Return the key of what depends on ``parts`` and nothing else."""
    digest = hashlib.sha256()
    for part in parts:
        said = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(len(said).to_bytes(8, "big"))
        digest.update(said)
    return digest.digest()


def code_key(*places: Path) -> str:
    """Name Python code by its content: that of files, and of all modules in folders."""
    digest = hashlib.sha256()
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            digest.update(path.relative_to(place.parent).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Cache:
    """Values by key, the least recently used removed when there are too many.

    ``folder`` None is a cache that holds nothing. Several runs may use one folder at once. ``remarks`` says
    in plain words what went wrong with it. Any thread may call.
    """

    def __init__(self, folder: Path | None, *, most: int = MOST_BYTES) -> None:
        self.folder, self.most = folder, most
        self.remarks: list[str] = []
        self._lock = threading.RLock()
        self._used: set[bytes] = set()
        self._since_check = 0
        self._base: sqlite3.Connection | None = None
        if folder is not None:
            self._trying(lambda: self._open(folder), None)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return those of the values that are there, by key."""
        return self._using(lambda base: self._get(base, keys), {})

    def put(self, kind: str, values: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep values, by key; a value there already stays."""
        self._using(lambda base: self._put(base, kind, values), None)

    def info(self) -> Info:
        """Say what the cache holds."""
        return self._using(_info, Info(0, {}))

    def clear(self) -> None:
        """Throw everything away."""
        self._using(lambda base: self._remove(base, 0), None)

    def close(self) -> None:
        """Write down what was used, remove what is too much, and let go of the file."""
        self._using(self._finish, None)
        self._off()

    def _using(self, act: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do something with the file, if it is open."""
        with self._lock:
            base = self._base
            return otherwise if base is None else self._trying(lambda: act(base), otherwise)

    def _trying(self, act: Callable[[], T], otherwise: T) -> T:
        """Do something; whatever is wrong with the file is remarked on and harms no run."""
        try:
            return act()
        except (sqlite3.Error, OSError) as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                return otherwise  # another run is at it for long: do without, this once
            self._off()
            folder = self.folder
            if name.startswith(_DAMAGE) and folder is not None and not self.remarks:
                self.remarks.append(f"the cache in {folder} was damaged and has been made anew")
                for end in ("", "-wal", "-shm"):
                    with contextlib.suppress(OSError):
                        (folder / f"{FILE}{end}").unlink()
                self._trying(lambda: self._open(folder), None)
            else:
                self.remarks.append(
                    f"the cache in {folder} cannot be used ({error}); everything is made anew"
                )
            return otherwise

    def _open(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # one that is there may be shared, and stays so
        (folder / FILE).touch(mode=0o600)
        (folder / FILE).chmod(
            0o600
        )  # documents can be confidential; what SQLite puts beside it gets the same
        base = sqlite3.connect(
            folder / FILE, timeout=_PATIENCE, check_same_thread=False, isolation_level=None
        )
        self._base = base
        for setting in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=NORMAL"):
            base.execute(f"PRAGMA {setting}")
        with _transaction(base):
            (version,) = base.execute("PRAGMA user_version").fetchone()
            if version != _FORMAT:
                base.execute("DROP TABLE IF EXISTS entries")
                for statement in filter(str.strip, _TABLES.split(";")):
                    base.execute(statement)
                base.execute(f"PRAGMA user_version={_FORMAT}")

    def _off(self) -> None:
        if self._base is not None:
            with contextlib.suppress(sqlite3.Error):
                self._base.close()
            self._base = None

    def _get(self, base: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        today, found, damaged = _today(), {}, []
        with _transaction(base, "DEFERRED"):  # one by one, every look would take and leave the file's lock
            for first in range(0, len(keys), _ASKED_AT_ONCE):
                some = keys[first : first + _ASKED_AT_ONCE]
                places = ", ".join("?" * len(some))
                asked = f"SELECT key, value, used FROM entries WHERE key IN ({places})"  # noqa: S608 - only question marks are put in
                for key, value, used in base.execute(asked, some):
                    try:
                        found[key] = zlib.decompress(value)  # which checks its sum
                    except zlib.error:
                        damaged.append((key,))
                        continue
                    if used < today:
                        self._used.add(key)
        base.executemany("DELETE FROM entries WHERE key = ?", damaged)
        return found

    def _put(self, base: sqlite3.Connection, kind: str, values: Iterable[tuple[bytes, bytes]]) -> None:
        today = _today()
        rows = [(key, kind, today, zlib.compress(value, 1)) for key, value in values]
        with _transaction(base):
            base.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?)", rows)
        self._since_check += sum(len(row[3]) for row in rows)
        if self._since_check > min(_CHECK_EVERY, self.most // 10):
            self._since_check = 0
            self._trim(base)

    def _finish(self, base: sqlite3.Connection) -> None:
        today = _today()
        if self._used:
            with _transaction(base):
                base.executemany(
                    "UPDATE entries SET used = ? WHERE key = ?", ((today, key) for key in sorted(self._used))
                )
        self._trim(base)

    def _trim(self, base: sqlite3.Connection) -> None:
        if _size(base) > self.most:
            self._remove(base, int(_KEPT * self.most))

    def _remove(self, base: sqlite3.Connection, left: int) -> None:
        """Remove the least recently used until about ``left`` bytes are in use."""
        while (size := _size(base)) > left:
            (entries,) = base.execute("SELECT count(*) FROM entries").fetchone()
            if not entries:
                break
            many = max(1, min(entries, int(entries * (1 - left / size)) + 1))
            base.execute(
                "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries ORDER BY used, rowid LIMIT ?)",
                (many,),
            )
        base.executescript("PRAGMA incremental_vacuum")  # execute would free one page and stop
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextlib.contextmanager
def _transaction(base: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    base.execute(f"BEGIN {kind}")
    try:
        yield
        base.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            base.execute("ROLLBACK")
        raise


def _info(base: sqlite3.Connection) -> Info:
    kinds = base.execute("SELECT kind, count(*) FROM entries GROUP BY kind ORDER BY kind")
    return Info(_size(base), dict(kinds.fetchall()))


def _size(base: sqlite3.Connection) -> int:
    """Bytes in use in the file."""
    pages, free, size = (
        base.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _today() -> int:
    return int(time.time() / _DAY)
