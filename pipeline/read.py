"""Read one file into documents: detect, read, clean, recognise the language, assemble."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.assemble import assemble
from pipeline.clean import clean_blocks
from pipeline.errors import UnreadableDocumentError
from pipeline.find import Found
from pipeline.language import document_language, language_name
from pipeline.ocr import how_to_install
from pipeline.quality import is_garbled, quality_notes
from pipeline.readers import READERS, ROW_READERS, read_rows
from pipeline.readers.rows import row_text_blocks
from pipeline.records import (
    DOCUMENT_KINDS,
    Document,
    DocumentKind,
    FoundBlock,
    ManifestRow,
    Skipped,
    as_path,
    without_halves,
)

ID_DIGITS = 16


@dataclass(frozen=True)
class ReadOptions:
    """What the user said about one file; ``row``, what the manifest says of it, goes before the rest."""

    kind: DocumentKind | None = None
    text_column: str | None = None
    row: ManifestRow | None = None


@dataclass(frozen=True, slots=True)
class FileRead:
    """What came of one file: the SHA-256 of its bytes (None where they could not be had), and its documents."""

    found: Found
    digest: str | None
    results: list[Document | Skipped]


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file's bytes, or None where they cannot be had: whoever reads it will say so."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            # A file may have turned into something that never gives a byte since it was found.
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return hashlib.file_digest(file, "sha256").hexdigest() if regular else None
    except OSError:
        return None


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody to write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_file(found: Found, options: ReadOptions) -> FileRead:
    """Read one file; a table gives a document a row. What cannot be read comes back as Skipped."""
    digest = None
    try:
        with found.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if found.suffix in ROW_READERS:
            return FileRead(found, digest, list(_read_table(found.path, found.display, options)))
        return FileRead(found, digest, [_read_one(found, digest, options)])
    except UnreadableDocumentError as error:
        skipped = Skipped(found.display, error.found, error.remedy)
    except OSError as error:
        reason = f"it cannot be opened ({error.strerror or error})"
        skipped = Skipped(found.display, reason, "Check that it is still there and may be read")
    return FileRead(found, digest, [skipped])


def _read_one(found: Found, digest: str, options: ReadOptions) -> Document:
    shown, row = found.display, options.row
    reading = READERS[found.suffix](found.path)
    return _document(
        shown,
        digest,
        reading.blocks,
        title=(row.title if row else None) or reading.title,
        kind=(row.kind if row else None) or options.kind or "other",
        metadata=dict(row.metadata) if row else {},
        warnings=(*found.warnings, *reading.warnings),
    )


def _read_table(path: Path, shown: str, options: ReadOptions) -> Iterator[Document | Skipped]:
    row = options.row
    for item in read_rows(path, text_column=options.text_column):
        if isinstance(item, Skipped):
            yield replace(item, path=item.path.replace(as_path(path), shown))
            continue
        place = f"{shown}#{item.number}"
        metadata = {**(row.metadata if row else {}), **item.metadata}
        own = _kind(metadata.get("kind", ""))
        if own:
            del metadata["kind"]  # the document's own field now
        try:
            yield _document(
                place,
                hashlib.sha256(item.text.encode()).hexdigest(),
                row_text_blocks(item.text),
                title=item.title or f"{Path(shown).name}, row {item.number}",
                kind=own or (row.kind if row else None) or options.kind or "other",
                metadata=metadata,
                warnings=(),
            )
        except UnreadableDocumentError as error:
            yield Skipped(place, error.found, error.remedy)


def _kind(said: str) -> DocumentKind | None:
    """Return the kind of document a cell names, or None where it names none."""
    return next((kind for kind in DOCUMENT_KINDS if kind == said.strip().lower()), None)


def _document(
    shown: str,
    digest: str,
    blocks: Sequence[FoundBlock],
    *,
    title: str | None,
    kind: DocumentKind,
    metadata: dict[str, str],
    warnings: Sequence[str],
) -> Document:
    cleaned, notes = clean_blocks(blocks)
    if not any(b.text.strip() for b in cleaned):
        raise UnreadableDocumentError(
            shown, "no text was found in it", "Open it and check that it has words in it"
        )
    text = "\n".join(b.text for b in cleaned)
    if is_garbled(text):
        raise UnreadableDocumentError(
            shown,
            "its text is garbled: the letters stored in it are not those its pages show",
            f"Give the original file; or {how_to_install()}, which reads pages from their look, and run again",
        )
    language = document_language(text)
    if language not in (None, "en"):
        raise UnreadableDocumentError(
            shown,
            f"it is written in {language_name(str(language))}; the frames are coded in English text only",
            "Profile an English version",
        )
    return assemble(
        cleaned,
        id=digest[:ID_DIGITS],
        path=shown,
        title=without_halves(title) if title else title,
        kind=kind,
        language=language,
        metadata={without_halves(name): without_halves(value) for name, value in metadata.items()},
        warnings=(*warnings, *notes, *quality_notes(blocks)),
    )


class Twins:
    """Gives documents with the same content ids of their own (``-2``, ``-3``) and says so in a warning."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def number(self, document: Document) -> Document:
        """Return the document as one of its content's: the first is left as it is."""
        own = self.count(document.id, document.path)
        if own == 1:
            return document
        same = f"has the same content as {self._first[document.id]}; both are counted"
        return replace(document, id=f"{document.id}-{own}", warnings=(*document.warnings, same))

    def count(self, id: str, path: str) -> int:  # noqa: A002 - the record's own field
        """Count a document by its id (that of its content) and return which one with that content it is."""
        self._seen[id] += 1
        self._first.setdefault(id, path)
        return self._seen[id]
