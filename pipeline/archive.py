"""Open ZIP containers (also DOCX, PPTX, ODT, EPUB, XLSX) only where unpacking them can do no harm."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path

from pipeline.errors import UnreadableDocumentError

# What real documents stay far under: the largest board packet seen unpacks to 90 MB.
MOST_BYTES = 200_000_000
MOST_ENTRIES = 10_000
MOST_TIMES_LARGER = 200
# Bytes of the list of files: 10,000 of them with names of 350 letters.
_LONGEST_LIST = 4_000_000
_LIST_SIZE = 5  # its place in the record at the end of the file
# Below this a high ratio is a file of blank paper and no bomb.
_HARMLESS_BYTES = 1_000_000

# What zipfile raises on damaged or unsupported content: RuntimeError for a password, NotImplementedError for a
# method of compression it lacks, EOFError and OSError where the bytes end or do not agree, the errors of the
# unpackers where they cannot be unpacked, MemoryError where they ask for too much, UnicodeDecodeError for a name
# that is none.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    EOFError,
    MemoryError,
    OSError,
    RuntimeError,
    UnicodeDecodeError,
)


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open the ZIP at ``path``; ``UnreadableDocumentError`` where its list of files is too long to accept.

    ``zipfile`` takes the whole list into memory, a million files from 50 MB: its length is looked at first.
    """
    with path.open("rb") as file:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # what ZipFile itself asks first
    if end is not None and end[_LIST_SIZE] > _LONGEST_LIST:
        raise UnreadableDocumentError(
            path, f"it holds more than {MOST_ENTRIES:,} files", "Check where the file comes from"
        )
    return zipfile.ZipFile(path)


def check_container(path: Path) -> None:
    """Raise ``UnreadableDocumentError`` unless the ZIP container at ``path`` is sound and harmless.

    Only the directory is read. That is enough: ``zipfile`` hands out no more bytes of a member than
    its directory states, so a container that lies about its sizes is cut short and not unpacked.
    """
    try:
        with open_archive(path) as archive:
            members = archive.infolist()
    except ZIP_ERRORS as error:
        raise UnreadableDocumentError(
            path,
            "the file is damaged or cut short",
            "Open it in the program it was made with and save it again, or fetch it again",
        ) from error
    if any(member.flag_bits & 0x1 for member in members):
        raise UnreadableDocumentError(
            path, "the file is protected with a password", "Remove the password and save it again"
        )
    problem = harm_in(members)
    if problem is not None:
        raise UnreadableDocumentError(
            path, problem, "Check where the file comes from; save it again without its pictures"
        )


def harm_in(members: list[zipfile.ZipInfo]) -> str | None:
    """Say what makes these members dangerous to unpack, by their stated sizes, or None."""
    if len(members) > MOST_ENTRIES:
        return f"it holds {len(members):,} files, more than {MOST_ENTRIES:,}"
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        return f"it unpacks to {total / 1e6:,.0f} MB, more than {MOST_BYTES / 1e6:,.0f} MB"
    for member in members:
        if member.file_size > _HARMLESS_BYTES and member.file_size > MOST_TIMES_LARGER * max(
            member.compress_size, 1
        ):
            return f"it unpacks to more than {MOST_TIMES_LARGER} times its size, as harmful files do"
    return None
