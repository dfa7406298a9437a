"""Turn a file's bytes into text, whatever encoding they were written in."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from pipeline.errors import UnreadableDocumentError

# Longest first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Text holds at most a stray control character; compressed or compiled data are one tenth control bytes.
_BINARY_SHARE = 0.02
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# A few damaged bytes in a UTF-8 file must not turn every accent in it into two wrong letters.
_GOOD_FOR_EACH_BAD = 5
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""")


def decode(path: Path, data: bytes, *, declared: bool = False) -> tuple[str, tuple[str, ...]]:
    r"""Decode ``data``, giving the text with ``\\n`` line ends and a warning for each guess made.

    In order: a byte order mark, UTF-16 by its pattern of NUL bytes, strict UTF-8, the encoding that
    the first 2,048 bytes declare (only where ``declared``: HTML), UTF-8 with a few damaged bytes,
    Windows-1252 with a warning. Raises ``UnreadableDocumentError`` for content that is no text.
    """
    text, warnings = _decode(path, data, declared=declared)
    if len(_CONTROLS.findall(text)) > _BINARY_SHARE * max(len(text), 1):
        raise _binary(path)
    return _even_line_ends(text), warnings


def _decode(path: Path, data: bytes, *, declared: bool) -> tuple[str, tuple[str, ...]]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(name, errors="replace")
            damaged = text.count("\ufffd")
            return text, (_damaged(damaged, name.upper()),) if damaged else ()
    if b"\x00" in data:
        return _with_nuls(path, data)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    if declared and (named := _by_declaration(data)) is not None:
        return named, ()
    loose = data.decode("utf-8", errors="replace")
    bad = loose.count("\ufffd")
    good = sum(1 for character in loose if character > "\x7f") - bad
    if good >= _GOOD_FOR_EACH_BAD * bad:
        return loose.replace("\ufffd", ""), (_damaged(bad, "UTF-8"),)
    # Latin-1 fills the five places that Windows-1252 leaves open, as browsers do.
    text = "".join(
        bytes([byte]).decode("latin-1" if byte in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252")
        if byte > 0x7F
        else chr(byte)
        for byte in data
    )
    return text, (
        (
            "The file does not say how its characters are stored; it was read as Windows-1252 "
            "(Western European). If accents or quotation marks look wrong, save it as UTF-8"
        ),
    )


def _with_nuls(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-16 without a mark has NULs on one side of each pair; elsewhere a NUL means damage or no text."""
    sample = data[: 1 << 16]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for ours, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if ours > 5 * other and ours > 0.05 * len(sample):
            try:
                text = data[: len(data) // 2 * 2].decode(name)
            except UnicodeDecodeError:
                break
            return text, ("The file has no byte order mark; it was read as UTF-16",)
    if data.count(0) > 0.001 * len(data) + 2:
        raise _binary(path)
    text, warnings = _decode(path, data.replace(b"\x00", b""), declared=False)
    return text, (*warnings, "The file holds empty (NUL) characters; they were left out")


def _by_declaration(data: bytes) -> str | None:
    found = _DECLARED.search(data[:2048])
    if found is None:
        return None
    try:
        return data.decode(found.group(1).decode("ascii"))
    except (LookupError, UnicodeDecodeError):
        return None


def _damaged(count: int, name: str) -> str:
    return f"{count} damaged character{'s' if count != 1 else ''} could not be read as {name}"


def _binary(path: Path) -> UnreadableDocumentError:
    return UnreadableDocumentError(
        path,
        "its content is not text",
        "Open it in the program it was made with and save it as .docx, .pdf or .txt",
    )


def _even_line_ends(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    return text.replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
