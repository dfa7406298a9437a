"""The stages of a run: find, read and split, code, profile, write; and the order they come in.

Nothing here knows Prefect: ``flows.profile_corpus`` makes tasks of the stages and a flow of the order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flows.coding import code_passages
from flows.disk import disk_fault
from flows.exports import project_note
from flows.fetching import fetch
from flows.outputs import Finished, write_run
from flows.profiling import profile_all
from flows.settings import Listener, RunSettings, Silence, StoppedError, UsageError
from flows.work import CODING, FETCHING, LOADING, READING, WRITING, Load, Work
from labels.codebook import Codebook
from pipeline.cache import key_of
from pipeline.contained import ReadingWorkers
from pipeline.errors import UnreadableDocumentError
from pipeline.find import Found, find_files
from pipeline.language import detect_language, language_name
from pipeline.manifest import read_manifest
from pipeline.memory import give_back_memory
from pipeline.read import ReadOptions
from pipeline.readers import ROW_READERS
from pipeline.reading import ahead, program_key, read_known
from pipeline.records import Document, Passage, Profile, Skipped
from pipeline.split import split_passages
from pipeline.stored import CODING as CODING_JSON
from pipeline.stored import DOCUMENT, PASSAGES
from pipeline.workbook import workbook_note

READ_BATCH_BYTES = 4_000_000  # about a second of reading; a larger file is a batch of its own
CODE_BATCH = 512  # passages: two to seven seconds of encoding on two cores
WINDOW = 4_096  # passages sorted by length among each other: padding as in a sort of all, memory as of one
# In the JSON of a coding that is kept: the passages of many documents may share it.
_NO_ID = b'"passage_id":""'
MANIFEST_NAME = "manifest.csv"  # an input folder's own manifest is used where none is named


@dataclass(frozen=True)
class Outcome:
    """What a run came to; ``remarks`` are about how it went and are in no output."""

    settings: RunSettings
    codebook: Codebook
    documents: int
    passages: int
    collection: Profile
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]


def find_inputs(work: Work, unpacked: Path) -> None:
    """List the files to read and the manifest; folders and ZIPs are opened."""
    settings = work.settings
    fetched, not_fetched = fetch_all(work, unpacked)
    work.found, not_found = find_files(
        (*settings.inputs, *fetched), unpacked, known_as=fetched, leave_out=settings.out
    )
    work.not_found = [*not_fetched, *not_found]
    manifest = settings.manifest
    if manifest is None:
        own = [
            f.path for f in work.found if f.path.name == MANIFEST_NAME and f.path.parent in settings.inputs
        ]
        manifest = own[0] if len(own) == 1 else None
    if manifest is not None:
        work.manifest, work.manifest_path = read_manifest(manifest), manifest
        work.found = [f for f in work.found if f.path.resolve() != manifest.resolve()]
        for path in (*(f.display for f in work.found), *(s.path for s in work.not_found)):
            work.manifest.row(
                path
            )  # asked about: a file that cannot be read is among the inputs all the same
    if work.found and not any(
        f.suffix in ROW_READERS for f in work.found
    ):  # a table brings columns of its own
        check_groups(work, set(work.manifest.columns) if work.manifest else set())


def fetch_all(work: Work, folder: Path) -> tuple[dict[Path, str], list[Skipped]]:
    """Fetch the addresses among the inputs, each under its address; what cannot be fetched is said, not raised."""
    fetched: dict[Path, str] = {}
    failed: list[Skipped] = []
    urls = tuple(dict.fromkeys(work.settings.urls))
    if urls:
        work.listener.begin(FETCHING, len(urls))
    for number, url in enumerate(urls):
        try:
            fetched[fetch(url, folder, f"web-{number:05d}")] = url
        except UnreadableDocumentError as error:
            failed.append(Skipped(url, error.found, error.remedy))
        work.listener.advance(FETCHING, 1)
    return fetched, failed


def read_batch(work: Work, first: int, last: int) -> None:
    """Take files ``first`` to ``last`` as they come read, split their documents, and keep both for good."""
    for _ in range(first, last):
        read = next(work.reads)
        documents = [work.twins.number(r) for r in read.results if isinstance(r, Document)]
        split = [_split(work, document) for document in documents]
        skipped = [r for r in read.results if isinstance(r, Skipped)]
        work.store.add_file(read.found.display, read.digest, split, skipped)
        many = sum(len(passages) for *_, passages in split)
        work.waiting += many
        work.listener.expect(CODING, many)
        work.listener.advance(READING, 1)
    work.store.commit()


def _split(work: Work, document: Document) -> tuple[Document, str, Sequence[Passage]]:
    """Split a document, or take its passages from the cache; its warnings then say how it was split too."""
    key = key_of("passages", program_key(), work.encoder_key, DOCUMENT.dump_json(document).decode())
    kept = work.cache.get([key]).get(key)
    passages, notes = PASSAGES.validate_json(kept) if kept else split_document(document, work.fits)
    if kept is None:
        work.cache.put("passages", [(key, PASSAGES.dump_json((passages, notes)))])
    content = document.id.partition("-")[0]
    return replace(document, warnings=(*document.warnings, *notes)), content, passages


def split_document(document: Document, fits: Callable[[str], bool]) -> tuple[list[Passage], list[str]]:
    """Split a document into passages; those in another language are set aside and said."""
    split = split_passages(document, fits=fits)
    foreign: dict[str, int] = {}
    kept = []
    for passage in split.passages:
        language = detect_language(passage.text)
        if language not in (None, "en"):
            foreign[str(language)] = foreign.get(str(language), 0) + 1
        else:
            kept.append(passage)
    notes = [
        f"{n} passage{'s' if n > 1 else ''} in {language_name(code)} {'were' if n > 1 else 'was'} not coded"
        for code, n in sorted(foreign.items())
    ]
    return kept, [*split.warnings, *notes]


def open_window(work: Work) -> None:
    """Take the next passages that have no coding; those coded in an earlier run are coded by the cache."""
    window = work.store.uncoded(WINDOW)
    keys = [_coding_key(work, passage) for _, passage in window]
    kept = work.cache.get(keys)
    known = [
        (n, kept[key].replace(_NO_ID, b'"passage_id":"%s"' % passage.id.encode(), 1))
        for (n, passage), key in zip(window, keys, strict=True)
        if key in kept
    ]
    work.store.add_written_codings(known)
    work.store.commit()
    _coded(work, len(known))
    # Passages of like length together: less padding, two thirds of the time.
    left = [row for row, key in zip(window, keys, strict=True) if key not in kept]
    work.window = sorted(left, key=lambda row: (len(row[1].coding_text), row[0]))


def code_batch(work: Work, first: int, last: int) -> None:
    """Code the passages ``first`` to ``last`` of the window, and keep the codings for good."""
    rows = work.window[first:last]
    codings = code_passages([passage for _, passage in rows], work.model, lambda texts: _encode(work, texts))
    work.store.add_codings((n, coding) for (n, _), coding in zip(rows, codings, strict=True))
    work.store.commit()
    work.cache.put(
        "codings",
        (
            (_coding_key(work, passage), CODING_JSON.dump_json(replace(coding, passage_id="")))
            for (_, passage), coding in zip(rows, codings, strict=True)
        ),
    )
    _coded(work, len(rows))


def _encode(work: Work, texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode texts, but for those that a model with the same encoder has encoded in an earlier run."""
    keys = [key_of("embedding", work.encoder_key, text) for text in texts]
    kept = work.cache.get(keys)
    left = [i for i, key in enumerate(keys) if key not in kept]
    made = work.model.encoder.transform([texts[i] for i in left])
    work.cache.put("embeddings", ((keys[i], row.tobytes()) for i, row in zip(left, made, strict=True)))
    vectors = np.empty((len(texts), made.shape[1]), np.float32)
    vectors[left] = made
    for i, key in enumerate(keys):
        if key in kept:
            vectors[i] = np.frombuffer(kept[key], np.float32)
    return vectors


def _coded(work: Work, many: int) -> None:
    work.waiting -= many
    work.listener.advance(CODING, many)


def _coding_key(work: Work, passage: Passage) -> bytes:
    return key_of("coding", program_key(), work.model_key, passage.coding_text, passage.text)


def write_outputs(work: Work) -> None:
    """Write the output tree; profiles that an earlier try let go of are made again."""
    if not work.profiles:
        profile_all(work)
    write_run(
        Finished(
            settings=work.settings,
            codebook=work.codebook,
            model=work.about_model,
            store=work.store,
            profiles=work.profiles,
            others=work.others,
            skipped=all_skipped(work),
            notes=run_notes(work),
            started=work.started,
        ),
        work.settings.out,
    )


@dataclass(frozen=True)
class Steps:
    """The stages, as they are or as something's tasks."""

    find: Callable[[Work, Path], Any] = find_inputs
    read: Callable[[Work, int, int], Any] = read_batch
    code: Callable[[Work, int, int], Any] = code_batch
    profile: Callable[[Work], Any] = profile_all
    write: Callable[[Work], Any] = write_outputs


def profile_documents(
    settings: RunSettings,
    codebook: Codebook,
    load: Load,
    listener: Listener | None = None,
    *,
    steps: Steps | None = None,
) -> Outcome:
    """Profile documents and write the run's files.

    ``load`` gives the model and warnings about it; it is called when reading has begun, so that it can be
    loading meanwhile. UsageError if a column of ``--by`` is nowhere, or there is nothing to go on with;
    StoppedError where the disk is full: what was done is kept, and the run can be gone on with.
    """
    work = Work(settings, codebook, listener or Silence())
    try:
        return _conduct(work, load, steps or Steps())
    except Exception as error:
        fault = disk_fault(error)
        if fault is None:
            raise
        kept = (
            "What was done is kept: see that the disk has room and may be written to, and give the same command "
            "with --resume"
            if work.begun
            else "Nothing was done yet: free some space, also where the system keeps temporary files"
        )
        raise StoppedError(
            f"--out {settings.out}: the run could not be written to the end: {fault}. {kept}."
        ) from error
    finally:
        work.close()


def _conduct(work: Work, load: Load, steps: Steps) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="equity-frames-") as unpacked, ReadingWorkers() as workers:
        steps.find(work, Path(unpacked))
        done = work.open_store()
        left = work.found[done:]
        work.listener.begin(READING, len(left))
        reads = read_known(_with_options(work, left), work.cache, workers.read)
        with ahead(reads, hurry=workers.stop) as work.reads:
            work.listener.begin(LOADING, 1)
            work.take_model(load)
            work.listener.advance(LOADING, 1)
            work.listener.begin(CODING, work.waiting)
            for first, last in batches_by_size(left):
                steps.read(work, first, last)
                while work.waiting >= WINDOW:
                    _code_window(work, steps)
            while work.waiting:
                _code_window(work, steps)
    work.let_go_of_model()
    if work.store.counts().documents:
        check_groups(work, {c for d in work.store.documents() for c in d.metadata})
    work.listener.begin(WRITING, 1)
    steps.profile(work)
    steps.write(work)
    work.listener.advance(WRITING, 1)
    counts = work.store.counts()
    outcome = Outcome(
        work.settings, work.codebook, counts.documents, counts.passages, work.others[-1],
        tuple(all_skipped(work)), run_notes(work), (*work.remarks, *work.cache.remarks),
    )  # fmt: skip
    work.store.remove()
    return outcome


def _code_window(work: Work, steps: Steps) -> None:
    open_window(work)
    for first in range(0, len(work.window), CODE_BATCH):
        steps.code(work, first, first + CODE_BATCH)
    work.window = []
    give_back_memory()


def _with_options(work: Work, found: Sequence[Found]) -> Iterator[tuple[Found, ReadOptions]]:
    for item in found:
        row = work.manifest.row(item.display) if work.manifest else None
        yield item, ReadOptions(work.settings.kind, work.settings.text_column, row)


def batches_by_size(found: Sequence[Found]) -> list[tuple[int, int]]:
    """Cut the files into ranges of about four megabytes, so that a task is worth a second."""
    ranges, first, size = [], 0, 0
    for i, item in enumerate(found):
        size += item.path.stat().st_size if item.path.exists() else 0
        if size >= READ_BATCH_BYTES or i + 1 == len(found):
            ranges.append((first, i + 1))
            first, size = i + 1, 0
    return ranges


def check_groups(work: Work, columns: set[str]) -> None:
    """Raise UsageError if a column to group by is in no document's metadata."""
    known = {"kind", *columns}
    for column in work.settings.by:
        if column not in known:
            kept = " What was read and coded is kept: give the same command with --resume and another column."
            raise UsageError(
                f"--by {column}: no document has a column of that name. There are: {', '.join(sorted(known))}."
                f"{kept if work.begun else ''}"
            )


def all_skipped(work: Work) -> list[Skipped]:
    """Return every file and row that was not profiled."""
    return [*work.not_found, *work.store.skipped()]


def run_notes(work: Work) -> tuple[str, ...]:
    """Say what the user should know of the run as a whole."""
    counts = work.store.counts()
    notes = [*work.model_warnings, *project_note(counts.documents), *workbook_note(counts.passages)]
    if work.manifest and (unused := work.manifest.unused()):
        few = ", ".join(unused[:5]) + (" …" if len(unused) > 5 else "")
        files = "a file that was" if len(unused) == 1 else f"{len(unused)} files that were"
        notes.append(f"the manifest names {files} not among the inputs: {few}")
    return tuple(notes)
