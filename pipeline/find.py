"""Find the files to read in what a user gave: files, folders, and ZIP archives of these."""

from __future__ import annotations

import errno
import itertools
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from pipeline.archive import MOST_BYTES, MOST_ENTRIES, MOST_TIMES_LARGER, ZIP_ERRORS, harm_in, open_archive
from pipeline.errors import UnreadableDocumentError
from pipeline.readers import READERS, ROW_READERS
from pipeline.readers.sniff import true_suffix
from pipeline.records import Skipped, as_path
from pipeline.run_folder import is_run

_DEEPEST_ZIP = 2
_CHUNK = 1 << 20
# What a system leaves behind in folders and archives; nobody means these as documents.
_LITTER = frozenset(("thumbs.db", "desktop.ini", "__macosx"))
# An archive that cannot be unpacked for these is none the worse for it.
_DISK_FAULTS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS))
_PACKED_AS_USUAL = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
_MAY_READ = "Check that you may read it"
_HARMLESS = "Check where the archive comes from; unpack it yourself and give the folder"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: where it lies, how the user knows it, and which reader takes it.

    ``display`` is ``outer.zip/inner.pdf`` for a member of an archive. ``suffix`` is a key of
    ``READERS`` or ``ROW_READERS``, by the file's content; ``warnings`` says where its name
    promises something else.
    """

    path: Path
    display: str
    suffix: str
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Search:
    temporary: Path
    leave_out: Path | None = None
    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def skip(self, display: str, found: str, remedy: str) -> None:
        self.skipped.append(Skipped(display, found, remedy))


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked from one archive the user gave, with all archives inside it."""

    size: int
    left: int = MOST_BYTES
    members_left: int = MOST_ENTRIES


def find_files(
    inputs: Sequence[Path],
    temporary: Path,
    *,
    known_as: Mapping[Path, str] | None = None,
    leave_out: Path | None = None,
) -> tuple[list[Found], list[Skipped]]:
    """Give the readable files in ``inputs`` in order, and every other file with the reason and a remedy.

    Folders are searched to the bottom, in the order of their names; hidden files, the lock files of Office
    and the folders that earlier runs wrote are left out silently, and links that lead out of the folder are
    not followed. The members of ZIP archives are unpacked into ``temporary``, which must outlive the
    reading. A file given twice is found once. ``known_as`` gives the names of inputs that the user knows by
    another than their path; ``leave_out`` is a folder that is not searched: the one this run writes into.
    Raises ``UnreadableDocumentError`` for an input that does not exist or cannot be looked at, and OSError
    where the disk that archives are unpacked to is full.
    """
    search = _Search(temporary, leave_out.resolve() if leave_out else None)
    for given in inputs:
        try:
            there = given.exists()
        except OSError as error:
            raise UnreadableDocumentError(given, _closed(error), _MAY_READ) from error
        if not there:
            raise UnreadableDocumentError(
                given, "there is no such file or folder", "Check the spelling and the folder you are in"
            )
    for given in inputs:
        if given.is_dir():
            _search_folder(search, given)
        else:
            _take(search, given, (known_as or {}).get(given) or as_path(given))
    return search.found, search.skipped


def _search_folder(search: _Search, folder: Path) -> None:
    root = folder.resolve()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            entries = sorted(current.iterdir(), key=lambda entry: (entry.name.casefold(), entry.name))
        except OSError as error:
            search.skip(
                as_path(current),
                f"the folder cannot be opened ({error.strerror})",
                _MAY_READ,
            )
            continue
        folders = []
        for entry in entries:
            if _is_litter(entry.name):
                continue
            try:
                what = _what_is(entry, root, search.leave_out)
            except OSError as error:  # a folder that may be listed and not entered
                search.skip(as_path(entry), _closed(error), _MAY_READ)
                continue
            if what == "folder":
                folders.append(entry)
            elif what == "file":
                _take(search, entry, as_path(entry))
            elif what == "link out":
                search.skip(
                    as_path(entry),
                    "it is a link that leads out of the folder",
                    "Give the file it leads to as an input",
                )
        waiting += reversed(folders)


def _what_is(
    entry: Path, root: Path, leave_out: Path | None
) -> Literal["folder", "file", "link out", "nothing"]:
    """Say what is to be done about an entry of a folder; "nothing" is for folders that are not searched."""
    is_link = entry.is_symlink()
    if is_link and not _leads_into(entry, root):
        return "link out"
    if not entry.is_dir():
        return "file"
    # A linked folder inside the input is found where it really lies; a run's tables and copies are no documents.
    return "nothing" if is_link or is_run(entry) or entry.resolve() == leave_out else "folder"


def _closed(error: OSError) -> str:
    return f"it cannot be opened ({error.strerror})"


def _is_litter(name: str) -> bool:
    hidden = name.startswith((".", "~$")) and name not in {".", ".."}
    return hidden or name.casefold() in _LITTER


def _leads_into(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _take(
    search: _Search, path: Path, display: str, *, depth: int = 0, budget: _Budget | None = None
) -> None:
    """Find one file, or what is in it; ``depth`` counts the archives around it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            search.skip(display, "it is not an ordinary file", "Leave it out")
            return
        real = path.resolve()
        if real in search.seen:
            return
        search.seen.add(real)
        suffix, warning = true_suffix(path)
    except UnreadableDocumentError as error:
        search.skip(display, error.found, error.remedy)
        return
    except OSError as error:
        search.skip(display, _closed(error), _MAY_READ)
        return
    if suffix == ".zip":
        _open_zip(search, path, display, depth + 1, budget or _Budget(path.stat().st_size))
    elif suffix in READERS or suffix in ROW_READERS:
        search.found.append(Found(path, display, suffix, (warning,) if warning else ()))
    else:
        search.skip(display, f"files of this kind ({suffix}) are not read", "Save it as .docx, .pdf or .txt")


def _open_zip(search: _Search, path: Path, display: str, depth: int, budget: _Budget) -> None:
    if depth > _DEEPEST_ZIP:
        search.skip(
            display,
            f"it is an archive inside {_DEEPEST_ZIP} others",
            "Unpack it yourself and give the folder",
        )
        return
    try:
        with open_archive(path) as archive:
            members = archive.infolist()
            problem = harm_in(members)
            if problem is not None:
                search.skip(display, problem, _HARMLESS)
                return
            for member in sorted(members, key=lambda member: member.filename):
                if not member.is_dir() and not any(map(_is_litter, _parts(member))):
                    _take_member(search, archive, member, display, depth, budget)
    except ZIP_ERRORS as error:
        if _is_the_disks(error):
            raise
        search.skip(display, "the archive is damaged or cut short", "Fetch it again")


def _is_the_disks(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in _DISK_FAULTS


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(member.filename.replace("\\", "/")).parts


def _take_member(
    search: _Search,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    outer: str,
    depth: int,
    budget: _Budget,
) -> None:
    name = member.filename.replace("\\", "/")  # some Windows programs write these
    display = f"{outer}/{name}"
    parts = _parts(member)
    if name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
        search.skip(display, "its path leads out of the archive", _HARMLESS)
        return
    if member.flag_bits & 0x1:
        search.skip(
            display, "it is protected with a password", "Unpack it with the password and give the file"
        )
        return
    if stat.S_ISLNK(member.external_attr >> 16):
        search.skip(display, "it is a link and no file", "Put the file itself into the archive")
        return
    if member.compress_type not in _PACKED_AS_USUAL:
        search.skip(display, "it is packed in a rare way, which can ask for any amount of memory", _HARMLESS)
        return
    budget.members_left -= 1
    if budget.members_left < 0:
        if budget.members_left == -1:  # once, not once a member
            search.skip(
                outer, f"it holds more than {MOST_ENTRIES:,} files, with the archives in it", _HARMLESS
            )
        return
    # A number for a name: whatever the member is called, it lands in our folder and is no program.
    target = search.temporary / f"{next(search.numbers):05d}{PurePosixPath(name).suffix.lower()[:12]}"
    try:
        whole = _unpack(archive, member, target, budget)
    except ZIP_ERRORS as error:
        target.unlink(missing_ok=True)
        if _is_the_disks(error):
            raise
        search.skip(display, "this part of the archive is damaged", "Fetch the archive again")
        return
    if not whole:
        target.unlink(missing_ok=True)
        search.skip(
            display,
            f"the archive unpacks to more than {MOST_BYTES / 1e6:,.0f} MB or {MOST_TIMES_LARGER} times"
            " its size",
            _HARMLESS,
        )
        return
    _take(search, target, display, depth=depth, budget=budget)
    if not search.found or search.found[-1].path != target:
        target.unlink(missing_ok=True)  # an archive that is unpacked by now, or nothing to read


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, budget: _Budget) -> bool:
    """Write a member to ``target``, counting the bytes that really come; False when they are too many."""
    largest = max(MOST_TIMES_LARGER * budget.size, 1_000_000)
    with archive.open(member) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            budget.left -= len(chunk)
            if budget.left < 0 or MOST_BYTES - budget.left > largest:
                return False
            file.write(chunk)
    target.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return True
