"""The main flow: read, split, code, profile, write; thin tasks over the other packages."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.environment import prepare

prepare()

import numpy as np
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from classifiers.familiarity import FEWEST
from classifiers.frame_model import FrameModel
from flows.coding import code_passages
from flows.exports import project_note
from flows.fetching import fetch
from flows.outputs import RunResult, write_run
from flows.settings import Listener, RunSettings, Silence, UsageError
from labels.codebook import Codebook
from pipeline.contained import ReadingWorkers
from pipeline.errors import UnreadableDocumentError
from pipeline.find import Found, find_files
from pipeline.frame_profile import profile_frames
from pipeline.language import detect_language, language_name
from pipeline.manifest import Manifest, read_manifest
from pipeline.read import FileRead, ReadOptions, number_twins
from pipeline.records import Coding, Document, Passage, Profile, Skipped
from pipeline.split import split_passages
from pipeline.workbook import workbook_note

READ_BATCH_BYTES = 4_000_000  # about a second of reading; a larger file is a batch of its own
CODE_BATCH = 512  # passages: two to seven seconds of encoding on two cores
UNFAMILIAR = (
    "this document is unlike the curricula, policies and program descriptions the model was trained on; "
    "its codings may mean little, so read the passages themselves"
)
MANIFEST_NAME = "manifest.csv"  # an input folder's own manifest is used where none is named


class Work:
    """What the run has in hand. Tasks take it with a range; Prefect never looks inside."""

    def __init__(self, settings: RunSettings, codebook: Codebook, listener: Listener) -> None:
        self.settings, self.codebook, self.listener = settings, codebook, listener
        self.started = datetime.now(UTC)
        self.found: list[Found] = []
        self.reads: Iterator[FileRead] = iter(())
        self.manifest: Manifest | None = None
        self.skipped: list[Skipped] = []
        self.documents: list[Document] = []
        self.passages: list[Passage] = []
        self.codings: list[Coding] = []
        self.notes: dict[str, list[str]] = {}
        self.model_warnings: tuple[str, ...] = ()
        self.unfamiliar_below: float | None = None
        self.inputs: dict[str, str] = {}


@task(cache_policy=NO_CACHE, persist_result=False)
def find_inputs(work: Work, unpacked: Path) -> None:
    """List the files to read and the manifest; folders and ZIPs are opened."""
    settings = work.settings
    fetched = fetch_all(work, unpacked)
    work.found, skipped = find_files((*settings.inputs, *fetched), unpacked, known_as=fetched)
    work.skipped += skipped
    manifest = settings.manifest
    if manifest is None:
        own = [
            f.path for f in work.found if f.path.name == MANIFEST_NAME and f.path.parent in settings.inputs
        ]
        manifest = own[0] if len(own) == 1 else None
    if manifest is not None:
        work.manifest = read_manifest(manifest)
        work.found = [f for f in work.found if f.path.resolve() != manifest.resolve()]
        for path in (*(f.display for f in work.found), *(s.path for s in work.skipped)):
            work.manifest.row(
                path
            )  # asked about: a file that cannot be read is among the inputs all the same


def fetch_all(work: Work, folder: Path) -> dict[Path, str]:
    """Fetch the addresses among the inputs; what cannot be fetched is recorded, not raised."""
    fetched: dict[Path, str] = {}
    if work.settings.urls:
        work.listener.begin("Fetching documents", len(work.settings.urls))
    for number, url in enumerate(dict.fromkeys(work.settings.urls)):
        try:
            fetched[fetch(url, folder, f"web-{number:05d}")] = url
        except UnreadableDocumentError as error:
            work.skipped.append(Skipped(url, error.found, error.remedy))
        work.listener.advance(1)
    return fetched


def to_read(work: Work) -> Iterator[tuple[Found, ReadOptions]]:
    """Give each file with what the user said about it: a worker gets its row of the manifest, not the whole."""
    for found in work.found:
        row = work.manifest.row(found.display) if work.manifest else None
        yield found, ReadOptions(work.settings.kind, work.settings.text_column, row)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="read-{first}-{last}")
def read_batch(work: Work, first: int, last: int) -> None:
    """Take the readings of files ``first`` to ``last``; what could not be read is recorded, not raised."""
    for read in itertools.islice(work.reads, last - first):
        if read.digest is not None:
            work.inputs[read.found.display] = read.digest
        for result in read.results:
            if isinstance(result, Skipped):
                work.skipped.append(result)
            else:
                work.documents.append(result)
        work.listener.advance(1)


@task(cache_policy=NO_CACHE, persist_result=False)
def split_documents(work: Work, fits: Callable[[str], bool]) -> None:
    """Split every document into passages; passages in another language are set aside and said."""
    for document in work.documents:
        split = split_passages(document, fits=fits)
        notes = list(split.warnings)
        foreign: dict[str, int] = {}
        kept = []
        for passage in split.passages:
            language = detect_language(passage.text)
            if language not in (None, "en"):
                foreign[str(language)] = foreign.get(str(language), 0) + 1
            else:
                kept.append(passage)
        notes += [
            f"{n} passage{'s' if n > 1 else ''} in {language_name(code)} {'were' if n > 1 else 'was'} not coded"
            for code, n in sorted(foreign.items())
        ]
        work.passages += kept
        work.notes[document.id] = notes


@task(cache_policy=NO_CACHE, persist_result=False, retries=1, task_run_name="code-{first}-{last}")
def code_batch(
    work: Work, model: FrameModel, order: Sequence[int], first: int, last: int
) -> dict[int, Coding]:
    """Code the passages at ``order[first:last]``; retried once, for a processor short of memory."""
    places = order[first:last]
    codings = code_passages([work.passages[i] for i in places], model)
    work.listener.advance(len(places))
    return dict(zip(places, codings, strict=True))


@task(cache_policy=NO_CACHE, persist_result=False)
def profile_all(work: Work) -> list[Profile]:
    """Profile every document, the groups asked for, and the collection."""
    frames = work.codebook.frame_ids
    rows: dict[str, list[int]] = {document.id: [] for document in work.documents}
    for i, passage in enumerate(work.passages):
        rows[passage.document_id].append(i)
    probabilities = np.array([[c.probabilities[f] for f in frames] for c in work.codings]).reshape(
        -1, len(frames)
    )
    any_frame = np.array([c.any_frame for c in work.codings], float)
    words = np.array([p.word_count for p in work.passages], int)

    def profile(
        unit: Any, name_id: str, name: str, members: Sequence[Document], warnings: Sequence[str]
    ) -> Profile:
        chosen = np.array(sorted(i for d in members for i in rows[d.id]), int)
        return profile_frames(
            probabilities[chosen],
            any_frame[chosen],
            words[chosen],
            frames,
            unit=unit,
            id=name_id,
            name=name,
            documents=len(members),
            seed=work.settings.seed,
            warnings=warnings,
        )

    profiles = []
    for document in work.documents:
        near = [work.codings[i].familiar for i in rows[document.id]]
        notes = (*document.warnings, *work.notes[document.id], *unfamiliar(near, work.unfamiliar_below))
        profiles.append(
            profile("document", document.id, document.title, [document], (*notes, *work.model_warnings))
        )
    for column in work.settings.by:
        values = {_group_value(d, column) for d in work.documents}
        for value in sorted(values):
            members = [d for d in work.documents if _group_value(d, column) == value]
            profiles.append(
                profile("group", f"{column}={value}", f"{column}: {value or '(not given)'}", members, ())
            )
    profiles.append(profile("collection", "collection", "All documents", work.documents, work.model_warnings))
    return profiles


@task(cache_policy=NO_CACHE, persist_result=False, retries=1)
def write_outputs(result: RunResult, out: Path) -> None:
    """Write the output tree; tried twice, for network drives that blink."""
    write_run(result, out)


@flow(name="profile-corpus", validate_parameters=False, persist_result=False)
def profile_corpus(
    settings: RunSettings,
    codebook: Codebook,
    load: Callable[[], tuple[FrameModel, tuple[str, ...]]],
    listener: Listener | None = None,
) -> RunResult:
    """Profile documents and write the run's files.

    ``load`` gives the model and warnings about it; it is called when the documents have been
    read, so that it can be loading meanwhile. UsageError if a column of ``--by`` is nowhere.
    """
    work = Work(settings, codebook, listener or Silence())
    with tempfile.TemporaryDirectory(prefix="equity-frames-") as unpacked, ReadingWorkers() as workers:
        find_inputs(work, Path(unpacked))
        work.listener.begin("Reading documents", len(work.found))
        work.reads = workers.read(to_read(work))
        for first, last in batches_by_size(work.found):
            read_batch(work, first, last)
    work.documents = number_twins(work.documents)
    check_groups(work)
    work.listener.begin("Loading the model", 1)
    model, work.model_warnings = load()
    work.unfamiliar_below = model.familiarity.floor if model.familiarity else None
    work.listener.advance(1)
    split_documents(work, lambda text: model.encoder.count_tokens(text) <= model.encoder.max_tokens)
    # Passages of like length together: less padding, two thirds of the time.
    order = sorted(range(len(work.passages)), key=lambda i: (len(work.passages[i].coding_text), i))
    work.listener.begin("Coding passages", len(order))
    coded: dict[int, Coding] = {}
    for first in range(0, len(order), CODE_BATCH):
        coded |= code_batch(work, model, order, first, first + CODE_BATCH)
    work.codings = [coded[i] for i in range(len(order))]
    work.listener.begin("Profiling and writing", 1)
    result = RunResult(
        settings=settings,
        codebook=codebook,
        model=model,
        documents=tuple(work.documents),
        passages=tuple(work.passages),
        codings=tuple(work.codings),
        profiles=tuple(profile_all(work)),
        skipped=tuple(work.skipped),
        notes=run_notes(work),
        inputs=dict(sorted(work.inputs.items())),
        started=work.started,
    )
    write_outputs(result, settings.out)
    work.listener.advance(1)
    return result


def unfamiliar(near: Sequence[float | None], below: float | None) -> tuple[str, ...]:
    """Warn of a document that is unlike all the model was trained on.

    ``near`` says how near each passage lies to the training passages (a cosine); a document is judged by
    the mean, from three passages on.
    """
    known = [n for n in near if n is not None]
    if below is None or len(known) < FEWEST or float(np.mean(known)) >= below:
        return ()
    return (UNFAMILIAR,)


def batches_by_size(found: Sequence[Found]) -> list[tuple[int, int]]:
    """Cut the files into ranges of about four megabytes, so that a task is worth a second."""
    ranges, first, size = [], 0, 0
    for i, item in enumerate(found):
        size += item.path.stat().st_size if item.path.exists() else 0
        if size >= READ_BATCH_BYTES or i + 1 == len(found):
            ranges.append((first, i + 1))
            first, size = i + 1, 0
    return ranges


def check_groups(work: Work) -> None:
    """Raise UsageError if a column to group by is in no document's metadata."""
    known = {"kind", *(c for d in work.documents for c in d.metadata)}
    for column in work.settings.by:
        if work.documents and column not in known:
            raise UsageError(
                f"--by {column}: no document has a column of that name. There are: {', '.join(sorted(known))}."
            )


def run_notes(work: Work) -> tuple[str, ...]:
    """Say what the user should know of the run as a whole."""
    notes = [*work.model_warnings, *project_note(len(work.documents)), *workbook_note(len(work.passages))]
    if work.manifest and (unused := work.manifest.unused()):
        few = ", ".join(unused[:5]) + (" …" if len(unused) > 5 else "")
        files = "a file that was" if len(unused) == 1 else f"{len(unused)} files that were"
        notes.append(f"the manifest names {files} not among the inputs: {few}")
    return tuple(notes)


def _group_value(document: Document, column: str) -> str:
    return document.metadata.get(column, document.kind if column == "kind" else "")
