"""``equity-frames annotate``: the documents themselves, with what was coded as comments at the words."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import cyclopts
import pandas as pd
from cyclopts import Parameter

from flows.exports import PROJECT_FILE
from flows.reviewing import run_codebook
from flows.settings import EXIT_ALL_READ, EXIT_NOTHING_READ, EXIT_SOME_SKIPPED, UsageError
from labels.codebook import Codebook
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.pdf_notes import Annotated as Written
from pipeline.exports.pdf_notes import annotate_pdf
from pipeline.exports.pdf_places import Place, find_places
from pipeline.exports.refi import PageBox, PdfPages, source_guid, write_project
from pipeline.exports.run_tables import read_codings
from pipeline.exports.safe import file_name, shown
from pipeline.exports.word_notes import annotate_docx
from pipeline.find import Found, find_files
from pipeline.read import ID_DIGITS
from pipeline.readers import ROW_READERS
from pipeline.records import Coding, Document, Passage
from pipeline.reviews.project_file import read_project
from pipeline.reviews.records import read_passages
from pipeline.run_folder import RUN_FILE
from pipeline.write import whole_file, write_csv

FOLDER = "annotated"
INDEX_FILE = "comments.csv"  # what was written; also the sign that a folder is ours
PAGES_FILE = "project-on-pages.qdpx"
SHOWN = 10
_Coded = list[tuple[Passage, Coding]]

app = cyclopts.App(name="annotate", result_action="return_value")


@dataclass
class _Work:
    run: Path
    out: Path
    book: Codebook
    date: datetime
    coded: dict[str, _Coded]
    paths: dict[str, str]
    inputs: set[str]
    done: dict[str, Written] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    bare: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    pages: dict[str, PdfPages] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)


@app.default
def annotate(
    run: Path,
    inputs: Annotated[list[Path], Parameter(consume_multiple=True)],
    /,
    *,
    out: Path | None = None,
    project: Annotated[bool, Parameter(negative="")] = False,
    codebook: str | None = None,
) -> int:
    """Write copies of a run's PDF and Word files with its codings as comments at the words.

    The files you give are left as they are; the copies go into a folder of their own.

    Parameters
    ----------
    run
        The folder of a run.
    inputs
        The files, folders and ZIP archives that were profiled.
    out
        The folder for the copies; annotated/ in the run's folder by default.
    project
        Also write project-on-pages.qdpx: a REFI-QDA project that holds the PDFs, coded on their pages.
    codebook
        The codebook (name or YAML file) if you have reworded it since; by default the one kept in the run.

    """
    missing = [str(p) for p in inputs if not p.exists()]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: nothing is there. Check the spelling and the folder you are in."
        )
    book = run_codebook(run, codebook)
    about = json.loads((run / RUN_FILE).read_text(encoding="utf-8"))
    paths = {p.document_id: p.path for p in read_passages(run)}
    inputs_then = set(about.get("inputs", {}).values())
    work = _Work(run, out or run / FOLDER, book, _date(about), defaultdict(list), paths, inputs_then)
    for passage, coding in read_codings(run, book.frame_ids):
        work.coded[passage.document_id].append((passage, coding))
    check_folder(work.out)
    with tempfile.TemporaryDirectory(prefix="equity-frames-") as unpacked:
        found, _ = find_files(inputs, Path(unpacked))
        for item in found:
            _annotate_file(work, item)
        if project and work.pages:
            _write_pages(work)
    if work.done:
        columns = ["file", "document", "passages_commented", "without_place"]
        rows = [(n, work.sources[n], w.highlighted, w.noted) for n, w in work.done.items()]
        write_csv(pd.DataFrame(rows, columns=columns), work.out / INDEX_FILE)
    _tell(work, project=project)
    if not work.done and not work.bare:
        return EXIT_NOTHING_READ
    return EXIT_SOME_SKIPPED if work.refused else EXIT_ALL_READ


def check_folder(out: Path) -> None:
    """Raise UsageError if copies written to ``out`` could take the place of somebody's files."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: that is a file. Name a folder, which need not exist yet.")
    if out.is_dir() and any(out.iterdir()) and not (out / INDEX_FILE).is_file():
        raise UsageError(
            f"--out {out}: the folder holds other files, and nothing of yours is overwritten. "
            "Name a new folder, or one that this command wrote before."
        )


def _date(about: Mapping[str, Any]) -> datetime:
    """Return when the run was made: the comments' date, so that the same run gives the same files."""
    try:
        return datetime.fromisoformat(str(about["started"])).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime(2024, 1, 1, tzinfo=UTC)


def _annotate_file(work: _Work, found: Found) -> None:
    with found.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    id_ = digest[:ID_DIGITS]
    if found.path.resolve().is_relative_to(work.run.resolve()):
        return  # a run's own files are no inputs, wherever its folder lies
    if found.suffix in ROW_READERS:
        if any(path.startswith(f"{found.display}#") for path in work.paths.values()):
            work.refused.append((found.display, "a table takes no comments; frames.xlsx has its passages"))
    elif id_ not in work.coded:
        known = digest in work.inputs
        reason = (
            "nothing in it was coded; skipped.csv may say why"
            if known
            else "it is not in the run, or has changed"
        )
        work.refused.append((found.display, reason))
    elif id_ in work.seen:
        pass  # the same content a second time: one copy says it all
    elif found.suffix not in {".pdf", ".docx"}:
        work.seen.add(id_)
        work.refused.append(
            (found.display, "only PDF and Word files take comments; the report shows its passages")
        )
    elif not any(c.frames for _, c in work.coded[id_]):
        work.seen.add(id_)
        work.bare.append(found.display)
    else:
        work.seen.add(id_)
        target = work.out / _name(work, found, id_)
        try:
            with whole_file(target) as part:
                work.done[target.name] = _write(work, found, id_, part)
            work.sources[target.name] = found.display
        except UnreadableDocumentError as error:
            work.refused.append((found.display, f"{error.found}. {error.remedy}"))


def _write(work: _Work, found: Found, id_: str, part: Path) -> Written:
    coded = work.coded[id_]
    if found.suffix == ".docx":
        return annotate_docx(found.path, part, work.book, coded, date=work.date)
    places = find_places(found.path, [p for p, _ in coded])
    framed = [(p, c) for p, c in coded if c.frames]
    written = annotate_pdf(
        found.path, part, work.book, framed, places, date=work.date.strftime("D:%Y%m%d%H%M%SZ")
    )
    work.pages[id_] = PdfPages(found.path, {i: _by_page(place) for i, place in places.items()})
    return written


def _by_page(place: Place) -> list[PageBox]:
    """Return one box a page around a passage's lines: a page selection is a rectangle."""
    boxes = []
    for page in dict.fromkeys(line.page for line in place.lines):
        here = [line for line in place.lines if line.page == page]
        boxes.append(
            PageBox(
                page,
                min(b.x0 for b in here),
                min(b.y0 for b in here),
                max(b.x1 for b in here),
                max(b.y1 for b in here),
            )
        )
    return boxes


def _name(work: _Work, found: Found, id_: str) -> str:
    stem = Path(found.display).name.removesuffix(Path(found.display).suffix)
    name = file_name(stem, found.suffix)
    if name.casefold() in work.taken:
        name = file_name(f"{stem[:100]} {id_}", found.suffix)
    work.taken.add(name.casefold())
    return name


def _write_pages(work: _Work) -> None:
    """Write the PDFs as a project; their texts come from the run's own project."""
    texts = {s.guid: s for s in read_project(work.run / PROJECT_FILE).sources}
    sources = {id_: texts.get(source_guid(id_)) for id_ in work.pages}
    documents = [
        Document(id_, s.about, s.text, (), s.name) for id_, s in sources.items() if s and s.text is not None
    ]
    coded = (work.coded[d.id] for d in documents)
    with whole_file(work.out / PAGES_FILE) as part:
        write_project(part, work.book, documents, coded, (d.text for d in documents), pdfs=work.pages)


def _tell(work: _Work, *, project: bool) -> None:
    for name, written in work.done.items():
        at = "1 passage" if written.highlighted == 1 else f"{written.highlighted} passages"
        noted = f", {written.noted} noted without a place" if written.noted else ""
        print(f"{name}: {at} commented{noted}")
    absent = [
        path
        for id_, path in work.paths.items()
        if "#" not in path and id_ not in work.seen and id_.partition("-")[0] not in work.seen
    ]
    if absent:
        print(
            f"\nNot among the files you gave: {len(absent)} of the run's documents, such as {shown(absent[0])}."
        )
    if work.bare:
        print(f"\nNo frame was coded in {len(work.bare)}, so there is no copy: {shown(', '.join(work.bare[:3]))}"
              + (" …" if len(work.bare) > 3 else ""))  # fmt: skip
    if work.refused:
        print(f"\nWithout comments: {len(work.refused)}.")
        for path, reason in work.refused[:SHOWN]:
            print(f"  {shown(path)}: {reason}.")
        if len(work.refused) > SHOWN:
            print(f"  … and {len(work.refused) - SHOWN} more")
    if work.done:
        print(f"\nThe copies are in {work.out}; the files you gave are as they were.")
        if project and work.pages:
            print(f"Project with the PDFs' pages: {work.out / PAGES_FILE}")


__all__: Sequence[str] = ["annotate", "app"]
