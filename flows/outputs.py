"""Write everything a run leaves behind, from one result."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from classifiers.frame_model import FrameModel
from flows.exports import write_exports
from flows.settings import RunSettings, UsageError
from labels.codebook import Codebook
from pipeline.exports.dictionary import dictionary_table
from pipeline.manifest import metadata_columns
from pipeline.records import Coding, Document, Passage, Profile, Skipped, as_path
from pipeline.report import read_run, write_report
from pipeline.report.run import CODEBOOK_FILE, DOCUMENT_FILE, RUN_FILE
from pipeline.tables import passage_table, profile_json, profile_table, skipped_table
from pipeline.workbook import write_workbook
from pipeline.write import whole_file, write_csv, write_json, write_table

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
class RunResult:
    """All that a run found; ``codings`` are in the order of ``passages``."""

    settings: RunSettings
    codebook: Codebook
    model: FrameModel
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    codings: tuple[Coding, ...]
    profiles: tuple[Profile, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    inputs: dict[str, str]
    started: datetime


def check_out(out: Path) -> None:
    """Raise UsageError if ``out`` cannot be a run's folder: a file, or a folder with other things in it."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: that is a file. Name a folder, which need not exist yet.")
    if out.is_dir() and any(out.iterdir()) and not (out / RUN_FILE).is_file():
        raise UsageError(
            f"--out {out}: the folder holds other files, and nothing of yours is overwritten. "
            "Name a new folder, or the folder of an earlier run."
        )


def write_run(result: RunResult, out: Path) -> None:
    """Write the output tree of the design; run.json last, as the sign that the rest is whole."""
    out.mkdir(parents=True, exist_ok=True)
    (out / RUN_FILE).unlink(missing_ok=True)
    documents = {d.id: d for d in result.documents}
    frames = result.codebook.frame_ids
    names = {f.id: f.name for f in result.codebook.frames}
    profiles = [p for p in result.profiles if p.unit == "document"]
    profile_rows = profile_table(profiles, documents, names).drop(
        columns=["unit", "documents"], errors="ignore"
    )
    passage_rows = passage_table(result.passages, result.codings, documents, frames)
    others = [p for p in result.profiles if p.unit != "document"]
    tables = {
        "profiles": profile_rows.rename(columns={"id": "document_id", "name": "title"}),
        "passages": passage_rows,
        "groups": profile_table(others, {}, names).drop(columns=["path", "kind"]),
    }
    for name, table in tables.items():
        write_table(table, out / name)
    tables["skipped"] = skipped_table(result.skipped)
    write_csv(tables["skipped"], out / "skipped.csv")
    metadata = metadata_columns(d.metadata for d in result.documents)
    write_csv(dictionary_table(tables, result.codebook, metadata), out / "data-dictionary.csv")
    _write_profiles(profiles, documents, out / "profiles")
    about = about_run(result)
    with whole_file(out / "frames.xlsx") as part:
        write_workbook(part, result.codebook, profiles, documents, passage_rows, _without_times(about))
    write_exports(out, result.codebook, result.documents, result.passages, result.codings)
    write_json(result.codebook.model_dump(mode="json"), out / CODEBOOK_FILE)
    write_report(read_run(out, about), out)  # from the tables, so that `report` makes the very same pages
    write_json({**about, "finished": datetime.now(UTC).isoformat(timespec="seconds")}, out / RUN_FILE)


def about_run(result: RunResult) -> dict[str, Any]:
    """Return how the run was made: versions, hashes, settings, inputs; enough to make it again."""
    settings, model, codebook = result.settings, result.model, result.codebook
    return {
        "program": {name: version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "codebook": {
            "id": codebook.id,
            "version": codebook.version,
            "title": codebook.title,
            "hash": codebook.hash,
        },
        "model": model.about,
        "settings": {
            "inputs": [as_path(p) for p in settings.inputs],
            "manifest": as_path(settings.manifest) if settings.manifest else None,
            "text_column": settings.text_column,
            "kind": settings.kind,
            "by": list(settings.by),
            "seed": settings.seed,
        },
        "counts": {
            "files": len(result.inputs),
            "documents": len(result.documents),
            "passages": len(result.passages),
            "skipped": len(result.skipped),
        },
        "notes": list(result.notes),
        "inputs": result.inputs,
        "started": result.started.isoformat(timespec="seconds"),
    }


def _write_profiles(profiles: list[Profile], documents: dict[str, Document], folder: Path) -> None:
    wanted = {f"{p.id}.json" for p in profiles}
    for stale in folder.glob("*.json") if folder.is_dir() else ():
        if stale.name not in wanted and DOCUMENT_FILE.fullmatch(stale.stem):
            stale.unlink()  # an earlier run's document that is no longer among the inputs
    for profile in profiles:
        write_json(profile_json(profile, documents[profile.id]), folder / f"{profile.id}.json")


def _without_times(about: dict[str, Any]) -> dict[str, Any]:
    """The workbook is a table: the same run twice must give the same bytes."""
    return {k: v for k, v in about.items() if k != "started"}
