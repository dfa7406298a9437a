"""Write everything a run leaves behind, from its store."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.exports import write_exports
from flows.settings import RunSettings
from labels.codebook import Codebook
from pipeline.exports.dictionary import dictionary_table
from pipeline.manifest import metadata_columns
from pipeline.processes import in_a_process, in_a_thread
from pipeline.records import Document, Profile, Skipped, as_path
from pipeline.report import read_run, write_report
from pipeline.run_folder import CODEBOOK_FILE, DOCUMENT_FILE, PAGES_FOLDER, PROFILES_FOLDER, RUN_FILE
from pipeline.store import RunStore
from pipeline.tables import passage_table, profile_json, profile_table, skipped_table
from pipeline.workbook import write_workbook_of_run
from pipeline.write import (
    Column,
    as_json,
    clear_parts,
    many_files,
    write_json,
    write_rows,
    write_table,
)

WORTH_A_PROCESS = 8_000  # passages: about a second of writing
_PACKAGES = (
    "equity-frames",
    "numpy",
    "pandas",
    "prefect",
    "scikit-learn",
    "sentence-transformers",
    "spacy",
    "torch",
)


@dataclass(frozen=True)
class Finished:
    """All that a run found: its store, and what follows from it.

    ``model`` says which it was and how it was run (``FrameModel.about``). ``profiles`` are those of the
    documents in the store's order, and are let go of once they are written;
    ``others`` are those of groups and of the collection.
    """

    settings: RunSettings
    codebook: Codebook
    model: Mapping[str, Any]
    store: RunStore
    profiles: list[Profile]
    others: Sequence[Profile]
    skipped: Sequence[Skipped]
    notes: Sequence[str]
    started: datetime


def write_run(run: Finished, out: Path) -> None:
    """Write the output tree of the design; run.json last, as the sign that the rest is whole."""
    out.mkdir(parents=True, exist_ok=True)
    (out / RUN_FILE).unlink(missing_ok=True)
    for folder in (out, out / PROFILES_FOLDER, out / PAGES_FOLDER):
        clear_parts(folder)
    documents = {d.id: d for d in run.store.documents()}
    about = about_run(run, dict(run.store.files()))
    passages = passage_table(run.store.coded(), run.codebook.frame_ids)
    write_table(passages, out / "passages")
    # The workbook takes as long as all the rest, and is written meanwhile; it needs no text, which would be copied.
    without_text = {key: replace(d, text="", blocks=()) for key, d in documents.items()}
    beside = in_a_process if run.store.counts().passages >= WORTH_A_PROCESS else in_a_thread
    with beside(
        write_workbook_of_run, out, run.codebook, tuple(run.profiles), without_text, _without_times(about)
    ):
        _write_tables(run, documents, passages.columns, out)
        _write_profiles(run.profiles, documents, out / PROFILES_FOLDER)
        write_json(run.codebook.model_dump(mode="json"), out / CODEBOOK_FILE)
        run.profiles.clear()  # thousands take as much memory as the report needs to read them back
        write_exports(out, run.codebook, list(documents.values()), run.store)
        write_report(read_run(out, about), out)  # from the tables, so that `report` makes the very same pages
    write_json({**about, "finished": datetime.now(UTC).isoformat(timespec="seconds")}, out / RUN_FILE)


def about_run(run: Finished, inputs: dict[str, str | None]) -> dict[str, Any]:
    """Return how the run was made: versions, hashes, settings, inputs; enough to make it again."""
    settings, model, codebook = run.settings, run.model, run.codebook
    counts = run.store.counts()
    known = {display: digest for display, digest in sorted(inputs.items()) if digest is not None}
    return {
        "program": {name: version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "codebook": {
            "id": codebook.id,
            "version": codebook.version,
            "title": codebook.title,
            "hash": codebook.hash,
        },
        "model": dict(model),
        "settings": {
            "inputs": [*map(as_path, settings.inputs), *settings.urls],
            "manifest": as_path(settings.manifest) if settings.manifest else None,
            "text_column": settings.text_column,
            "kind": settings.kind,
            "by": list(settings.by),
            "seed": settings.seed,
        },
        "counts": {
            "files": len(known),
            "documents": counts.documents,
            "passages": counts.passages,
            "skipped": len(run.skipped),
        },
        "notes": list(run.notes),
        "inputs": known,
        "started": run.started.isoformat(timespec="seconds"),
    }


def _write_tables(
    run: Finished, documents: dict[str, Document], of_passages: Sequence[Column], out: Path
) -> None:
    """Write the tables but that of passages, which has the columns ``of_passages``, and what they all mean."""
    names = {f.id: f.name for f in run.codebook.frames}
    tables = {
        "profiles": profile_table(run.profiles, names, documents),
        "groups": profile_table(run.others, names),
    }
    for name, table in tables.items():
        write_table(table, out / name)
    skipped = skipped_table(run.skipped)
    write_rows(skipped, out / "skipped.csv")
    columns = {
        "profiles": tables["profiles"].columns,
        "passages": of_passages,
        "groups": tables["groups"].columns,
        "skipped": skipped.columns,
    }
    metadata = metadata_columns(d.metadata for d in documents.values())
    dictionary = dictionary_table(columns, run.codebook, metadata)
    write_rows(dictionary, out / "data-dictionary.csv")


def _write_profiles(profiles: Sequence[Profile], documents: dict[str, Document], folder: Path) -> None:
    wanted = {f"{p.id}.json" for p in profiles}
    for stale in folder.glob("*.json") if folder.is_dir() else ():
        if stale.name not in wanted and DOCUMENT_FILE.fullmatch(stale.stem):
            stale.unlink()  # an earlier run's document that is no longer among the inputs
    with many_files() as files:
        for profile in profiles:
            said = as_json(profile_json(profile, documents[profile.id]))
            files.write(folder / f"{profile.id}.json", said)


def _without_times(about: dict[str, Any]) -> dict[str, Any]:
    """The workbook is a table: the same run twice must give the same bytes."""
    return {k: v for k, v in about.items() if k != "started"}
