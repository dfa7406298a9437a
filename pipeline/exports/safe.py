"""Text that other programs can hold: without characters that their formats forbid or that hide what is said."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

MARK = "\ufffd"  # stands where a character was that cannot be shown; one for one, so offsets hold
# XML 1.0 allows none of these, and a NUL ends a text for many programs.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# Overrides and embeddings turn text around for whoever reads it: "exe.fdp" for "pdf.exe".
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CARRIAGE = re.compile("\r\n?")
CELL_LIMIT = 32_767  # UTF-16 units that Excel holds in a cell
_CUT = " … (cut here; the tables have the whole text)"
_INVISIBLE = re.compile("[\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\n\t]")
_UNSAFE_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # Windows' own devices
_LONGEST_FILE_NAME = 150  # bytes: file systems take 255, and OneDrive 400 for the whole path
FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can hold: the same bytes whenever it is made


def printable(text: str) -> str:
    """Return ``text`` with each character that XML forbids as U+FFFD; as many code points as before.

    A carriage return becomes a line feed: XML readers would make it one, or count it twice.
    """
    return _FORBIDDEN.sub(MARK, text).replace("\r", "\n")


def shown(text: str) -> str:
    """Return ``text`` as a label is shown: printable, nothing that turns its direction, one kind of line end."""
    if text.isascii() and text.isprintable():
        return text  # most are, and looking costs a tenth of the searches
    return _TURNING.sub(MARK, _FORBIDDEN.sub(MARK, _CARRIAGE.sub("\n", text)))


def one_line(text: str, most: int) -> str:
    """Return ``text`` as a name of at most ``most`` characters on one line."""
    line = " ".join(shown(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def zip_member(name: str) -> zipfile.ZipInfo:
    """Return a member of a ZIP whose bytes depend on its name and content alone."""
    info = zipfile.ZipInfo(name, FIRST_DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same on Windows, which would write 0
    info.external_attr = 0o644 << 16
    return info


def write_zip(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write a ZIP whose bytes depend on its members alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zip_member(name), data)


def cell_text(text: str) -> str:
    """Return ``text`` as a spreadsheet's cell can hold it: shown, and cut with a word where it is too long."""
    said = shown(text)
    if len(said) <= CELL_LIMIT // 2:
        return said
    units = said.encode("utf-16-le", "replace")
    if len(units) // 2 <= CELL_LIMIT:
        return said
    kept = units[: 2 * (CELL_LIMIT - len(_CUT))].decode("utf-16-le", "ignore")
    return kept + _CUT


def file_name(name: str, suffix: str) -> str:
    """Return a name that every file system takes: no signs of a path, nothing invisible, not too long."""
    stem = _UNSAFE_IN_NAMES.sub("_", _INVISIBLE.sub("", shown(name).replace(MARK, ""))).strip(" .")
    while len(stem.encode("utf-8")) > _LONGEST_FILE_NAME:
        stem = stem[:-1]
    stem = stem.rstrip(" .") or "document"
    return f"{'_' if _RESERVED.fullmatch(stem) else ''}{stem}{suffix}"
