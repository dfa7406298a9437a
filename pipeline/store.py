"""What a run has read and coded so far, on disk: so that memory stays flat and a killed run can go on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self

from pipeline.records import Coding, Document, Passage, Skipped
from pipeline.run_folder import STORE_FILE, STORE_FOLDER, is_unfinished
from pipeline.stored import CODING, DOCUMENT, PASSAGE, SKIPPED

_FORMAT = 1  # of the tables below; a store of another format is not gone on from
_TABLES = """
CREATE TABLE plan (record TEXT NOT NULL, model TEXT);
CREATE TABLE files (n INTEGER PRIMARY KEY, display TEXT NOT NULL, digest TEXT);
CREATE TABLE skipped (n INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE documents (
    n INTEGER PRIMARY KEY, content TEXT NOT NULL, record BLOB NOT NULL, text TEXT NOT NULL, passages INTEGER NOT NULL
);
CREATE TABLE passages (n INTEGER PRIMARY KEY, record BLOB NOT NULL, coding BLOB);
CREATE INDEX uncoded ON passages (n) WHERE coding IS NULL;
"""

Coded = list[tuple[Passage, Coding]]


class StoreError(ValueError):
    """A run's store cannot be used; the text says what was found, and what to do."""


class Counts(NamedTuple):
    """How much a store holds."""

    files: int
    documents: int
    passages: int
    coded: int


class RunStore:
    """Files, documents, passages and codings in the order they were read, in ``folder/run.sqlite``.

    What was added is there for good with ``commit``: a run killed at any moment, or by a power cut, leaves
    the store as it was at the last one. Only one run at a time can hold a store. ``StoreError`` where the
    file is held by another or is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # One thread at a time uses it, but Prefect may choose which.
        self._base = sqlite3.connect(folder / STORE_FILE, timeout=0, check_same_thread=False)
        try:
            for setting in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
                self._base.execute(f"PRAGMA {setting}")
            self._base.execute("BEGIN IMMEDIATE").execute("COMMIT")  # takes hold of the file
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise _explained(error, folder) from error

    @classmethod
    def begin(cls, out: Path, plan: Mapping[str, Any]) -> Self:
        """Begin a run in ``out``; an unfinished one that nobody is at is thrown away."""
        folder = out / STORE_FOLDER
        if folder.is_dir():
            try:
                cls(folder).close()  # not while somebody is at it
            except StoreError as error:
                if _is_held(error.__cause__):
                    raise
            shutil.rmtree(folder)
        store = cls(folder)
        # All at once: a run that is killed meanwhile leaves a store with nothing in it.
        store._base.executescript(f"BEGIN; {_TABLES}; PRAGMA user_version={_FORMAT};")
        store._base.execute("INSERT INTO plan (record) VALUES (?)", (json.dumps(plan),))
        store.commit()
        return store

    @classmethod
    def resume(cls, out: Path) -> Self | None:
        """Open the unfinished run in ``out``, None if it was killed before it had begun to keep anything.

        StoreError if there is none or it cannot be gone on from.
        """
        if not is_unfinished(out):
            raise StoreError(
                f"there is no unfinished run in {out}. Leave --resume out to begin one; a run that was finished "
                "needs none"
            )
        store = cls(out / STORE_FOLDER)
        try:
            (version,) = store._base.execute("PRAGMA user_version").fetchone()
            if version:
                store.plan()
        except (sqlite3.DatabaseError, TypeError, ValueError):
            version = None
        if version == _FORMAT:
            return store
        store.close()
        if version == 0:
            return None
        raise StoreError(
            f"the unfinished run in {out} was begun by another version of the program. "
            "Leave --resume out to start anew"
        )

    def plan(self) -> dict[str, Any]:
        """Return what the run was asked to do when it began."""
        (said,) = self._base.execute("SELECT record FROM plan").fetchone()
        return dict(json.loads(said))

    def model_key(self, key: str) -> str:
        """Return the key of the model the passages are coded with; ``key``, kept from now on, if there was none."""
        self._base.execute("UPDATE plan SET model = ? WHERE model IS NULL", (key,))
        (kept,) = self._base.execute("SELECT model FROM plan").fetchone()
        return str(kept)

    def add_file(
        self,
        display: str,
        digest: str | None,
        split: Iterable[tuple[Document, str, Sequence[Passage]]],
        skipped: Sequence[Skipped],
    ) -> None:
        """Add what one file gave: documents (each with the id of its content, and its passages) and what was not read.

        A document is kept with its text and without its blocks, which nothing needs once it is split.
        """
        add = self._base.execute
        add("INSERT INTO files (display, digest) VALUES (?, ?)", (display, digest))
        for one in skipped:
            add("INSERT INTO skipped (record) VALUES (?)", (SKIPPED.dump_json(one),))
        for document, content, passages in split:
            light = DOCUMENT.dump_json(replace(document, text="", blocks=()))
            add(
                "INSERT INTO documents (content, record, text, passages) VALUES (?, ?, ?, ?)",
                (content, light, document.text, len(passages)),
            )
            self._base.executemany(
                "INSERT INTO passages (record) VALUES (?)", ((PASSAGE.dump_json(p),) for p in passages)
            )

    def add_codings(self, codings: Iterable[tuple[int, Coding]]) -> None:
        """Add codings, each with its passage's number."""
        self.add_written_codings((n, CODING.dump_json(c)) for n, c in codings)

    def add_written_codings(self, codings: Iterable[tuple[int, bytes]]) -> None:
        """Add codings that are JSON already, each with its passage's number."""
        self._base.executemany("UPDATE passages SET coding = ? WHERE n = ?", ((c, n) for n, c in codings))

    def commit(self) -> None:
        """Keep for good what was added."""
        self._base.commit()

    def counts(self) -> Counts:
        """Count what is there."""
        files, documents, passages, left = self._base.execute(
            "SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM documents),"
            " (SELECT count(*) FROM passages), (SELECT count(*) FROM passages WHERE coding IS NULL)"
        ).fetchone()
        return Counts(files, documents, passages, passages - left)

    def files(self) -> Iterator[tuple[str, str | None]]:
        """Give every file added, in order: how the user knows it, and the SHA-256 of its bytes."""
        yield from self._base.execute("SELECT display, digest FROM files ORDER BY n")

    def skipped(self) -> list[Skipped]:
        """Give what was not read, in order."""
        rows = self._base.execute("SELECT record FROM skipped ORDER BY n")
        return [SKIPPED.validate_json(record) for (record,) in rows]

    def contents(self) -> Iterator[tuple[str, str]]:
        """Give the id of every document's content, and its path."""
        for content, record in self._base.execute("SELECT content, record FROM documents ORDER BY n"):
            yield content, DOCUMENT.validate_json(record).path

    def documents(self) -> Iterator[Document]:
        """Give every document, in order, without its text and its blocks."""
        for (record,) in self._base.execute("SELECT record FROM documents ORDER BY n"):
            yield DOCUMENT.validate_json(record)

    def texts(self) -> Iterator[str]:
        """Give every document's text, in order."""
        for (text,) in self._base.execute("SELECT text FROM documents ORDER BY n"):
            yield text

    def uncoded(self, most: int) -> list[tuple[int, Passage]]:
        """Give the first passages without a coding, with their numbers."""
        rows = self._base.execute(
            "SELECT n, record FROM passages WHERE coding IS NULL ORDER BY n LIMIT ?", (most,)
        )
        return [(n, PASSAGE.validate_json(record)) for n, record in rows]

    def coded(self) -> Iterator[tuple[Document, Coded]]:
        """Give every document, in order and without its text, with its passages and their codings."""
        rows = self._base.cursor().execute("SELECT record, coding FROM passages ORDER BY n")
        for record, many in self._base.execute("SELECT record, passages FROM documents ORDER BY n"):
            # Not fetchmany: asked for none, as of a document that is a line of dates, Python 3.11's gives all the rest.
            own = [(PASSAGE.validate_json(p), CODING.validate_json(c)) for p, c in islice(rows, many)]
            yield DOCUMENT.validate_json(record), own

    def close(self) -> None:
        """Let go of the store; it stays on disk."""
        self._base.close()

    def remove(self) -> None:
        """Throw the store away: the run is finished."""
        self.close()
        shutil.rmtree(self.folder)


def _explained(error: sqlite3.DatabaseError, folder: Path) -> StoreError:
    if _is_held(error):
        return StoreError(
            f"another run is writing to {folder.parent}. Wait for it to end, or name another folder"
        )
    return StoreError(
        f"the unfinished run in {folder.parent} cannot be gone on from ({error}). Leave --resume out to start anew"
    )


def _is_held(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
