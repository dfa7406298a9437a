"""Read a finished run back from its tables: all that the report shows, and no document is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import ValidationError

from labels.codebook import Codebook
from pipeline.passage_file import PassageFile
from pipeline.records import FrameShare, Profile, Share, Skipped
from pipeline.report.text import shown
from pipeline.run_folder import CODEBOOK_FILE, DOCUMENT_FILE, PROFILES_FOLDER, RUN_FILE
from pipeline.write import CSV_ENCODING, without_mark


class RunError(ValueError):
    """A folder is not a finished run; the text names the folder, what was found and what to do."""


@dataclass(frozen=True, slots=True)
class RunDocument:
    """One document of a run: what is known of it without its passages, of which ``to_review`` are marked."""

    profile: Profile
    path: str
    kind: str
    language: str | None
    metadata: Mapping[str, str]
    to_review: int = 0

    @property
    def id(self) -> str:
        """The document's id."""
        return self.profile.id

    @property
    def name(self) -> str:
        """The title, or where nothing of that can be seen the file's own name."""
        return shown(self.profile.name).strip() or self.path.rsplit("/", 1)[-1]

    def value(self, column: str) -> str:
        """What the document says in a column to group by: of the manifest, or its kind."""
        return self.metadata.get(column, self.kind if column == "kind" else "")


@dataclass(frozen=True)
class Run:
    """A run; ``documents`` are in alphabetical order of their names, ``passages`` in that of the run."""

    codebook: Codebook
    documents: tuple[RunDocument, ...]
    groups: tuple[Profile, ...]
    collection: Profile
    skipped: tuple[Skipped, ...]
    about: Mapping[str, Any]
    passages: PassageFile

    @property
    def names(self) -> dict[str, str]:
        """Frame ids with their full names."""
        return {f.id: f.name for f in self.codebook.frames}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that documents can be grouped by, in order of first occurrence."""
        return tuple(dict.fromkeys(["kind", *(c for d in self.documents for c in d.metadata)]))


def read_run(folder: Path, about: Mapping[str, Any] | None = None) -> Run:
    """Read a run's folder; ``about`` stands for run.json while a run is still being written.

    RunError where the folder is no finished run, or a table of it is missing or damaged.
    """
    if about is None:
        if not (folder / RUN_FILE).is_file():
            raise RunError(
                f"{folder}: no finished run is here (there is no {RUN_FILE}). "
                "Name the folder that `equity-frames profile --out` wrote to."
            )
        about = _json(folder / RUN_FILE)
    try:
        codebook = Codebook.model_validate(_json(folder / CODEBOOK_FILE))
        passages = PassageFile(folder / "passages.parquet", codebook.frame_ids)
        documents = [
            _document(_json(path), passages)
            for path in sorted((folder / PROFILES_FOLDER).glob("*.json"))
            if DOCUMENT_FILE.fullmatch(path.stem)
        ]
        groups = _groups(pd.read_parquet(folder / "groups.parquet"), _notes(about))
        skipped = _skipped(folder / "skipped.csv")
        collection = next(g for g in groups if g.unit == "collection")
    except FileNotFoundError as error:
        missing = Path(str(error.filename or error)).name
        raise RunError(
            f"{folder}: {missing} is missing. Run `equity-frames profile` again; "
            "runs of versions before reports could be rebuilt do not have it."
        ) from error
    except (ValidationError, KeyError, TypeError, ValueError, StopIteration) as error:
        raise RunError(
            f"{folder}: a table of the run cannot be read ({type(error).__name__}: {error}). "
            "It may have been changed by hand; run `equity-frames profile` again."
        ) from error
    return Run(
        codebook=codebook,
        documents=tuple(sorted(documents, key=lambda d: (d.name.casefold(), d.id))),
        groups=tuple(g for g in groups if g.unit == "group"),
        collection=collection,
        skipped=skipped,
        about=about,
        passages=passages,
    )


def _json(path: Path) -> dict[str, Any]:
    said = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(said, dict):
        raise TypeError(f"{path.name} holds no object")
    return said


def _notes(about: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, about.get("notes", ())))


def _document(said: Mapping[str, Any], passages: PassageFile) -> RunDocument:
    about = said["document"]
    return RunDocument(
        profile=_profile(said),
        path=about["path"],
        kind=about["kind"],
        language=about["language"],
        metadata=dict(about["metadata"]),
        to_review=int(passages.needs_review[passages.place(said["id"])].sum()),
    )


def _profile(said: Mapping[str, Any]) -> Profile:
    """The inverse of ``dataclasses.asdict`` for a profile."""
    return Profile(
        unit=said["unit"],
        id=said["id"],
        name=said["name"],
        documents=said["documents"],
        passages=said["passages"],
        words=said["words"],
        any_frame=Share(**said["any_frame"]),
        frames=tuple(
            FrameShare(s["frame"], Share(**s["passages"]), Share(**s["words"]), Share(**s["framed"]))
            for s in said["frames"]
        ),
        verdict=said["verdict"],
        leading=tuple(said["leading"]),
        not_foregrounded=tuple(said["not_foregrounded"]),
        warnings=tuple(said["warnings"]),
    )


def _groups(table: pd.DataFrame, warnings: tuple[str, ...]) -> list[Profile]:
    """Profiles of the groups and of the collection, from the table's one row a frame."""
    profiles = []
    for _, rows in groupby(table.to_dict("records"), key=itemgetter("unit", "id")):
        members = list(rows)
        first = members[0]
        unit: Literal["group", "collection"] = "collection" if first["unit"] == "collection" else "group"
        profiles.append(
            Profile(
                unit=unit,
                id=first["id"],
                name=first["name"],
                documents=int(first["documents"]),
                passages=int(first["passages"]),
                words=int(first["words"]),
                any_frame=_share(first, "any_frame"),
                frames=tuple(
                    FrameShare(
                        r["frame"],
                        _share(r, "share_of_passages"),
                        _share(r, "share_of_words"),
                        _share(r, "share_of_framed_passages"),
                    )
                    for r in members
                ),
                verdict=first["verdict"],
                leading=tuple(r["frame"] for r in members if r["leading"]),
                not_foregrounded=tuple(r["frame"] for r in members if r["not_foregrounded"]),
                warnings=warnings if unit == "collection" else (),
            )
        )
    return profiles


def _share(row: Mapping[Any, Any], name: str) -> Share:
    return Share(float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"]))


def _skipped(path: Path) -> tuple[Skipped, ...]:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding=CSV_ENCODING)
    rows = (table[c].map(without_mark) for c in ("path", "reason", "what_to_do"))
    return tuple(Skipped(*row) for row in zip(*rows, strict=True))
