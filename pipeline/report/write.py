"""Render a run's pages and write them: report.html, and reports/<document>.html one a document."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files as files_of
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic_core import to_json

from pipeline.frame_profile import TOO_LITTLE
from pipeline.records import Profile
from pipeline.report.charts import axis_end, chart, drawn_frames
from pipeline.report.collection import (
    ROWS_UP_TO,
    change_rows,
    chooser,
    hardly_there,
    looks_like,
    page_of,
    quotes,
    reach,
    table_columns,
)
from pipeline.report.document import passage_views, strip
from pipeline.report.groups import Grouping, compare_runs, group_by
from pipeline.report.methods import methods_paragraph
from pipeline.report.run import Run, RunDocument
from pipeline.report.text import shown
from pipeline.run_folder import DOCUMENT_FILE, PAGES_FOLDER, REPORT_FILE
from pipeline.wording import (
    answer,
    between,
    certainty,
    counted,
    difference_range,
    difference_words,
    listed,
    percent,
    verdict_words,
)
from pipeline.write import many_files, write_text

_HEAD = 1_000  # bytes at the beginning of a page, in which its key stands
MOST_PICTURES = 24  # of groups, 4 KB each; the table beneath has every group


def write_report(
    run: Run, out: Path, *, by: Sequence[str] | None = None, other: tuple[str, Run] | None = None
) -> None:
    """Write all pages of ``run`` into ``out``; pages of documents that are no longer in it go.

    ``by`` names the columns to show groups of (the run's own where it is None); ``other`` is a run
    to compare with, and what to call it. RunError if a column is nowhere or the runs do not compare.
    """
    columns = run.about["settings"]["by"] if by is None else by
    groupings = [group_by(run, column) for column in dict.fromkeys(columns)]
    page = render_collection(run, groupings, other)
    folder = out / PAGES_FOLDER
    documents = run.documents[:ROWS_UP_TO]
    wanted = {f"{d.id}.html" for d in documents}
    for stale in folder.glob("*.html") if folder.is_dir() else ():
        if stale.name not in wanted and DOCUMENT_FILE.fullmatch(stale.stem):
            stale.unlink()
    # In the order of the run, in which its passages are read fastest.
    order = sorted(range(len(documents)), key=lambda i: run.passages.place(documents[i].id).start)
    with many_files() as files:
        for i in order:
            before = documents[i - 1] if i else None
            after = documents[i + 1] if i + 1 < len(documents) else None
            path = folder / f"{documents[i].id}.html"
            made_of = page_key(run, documents[i], before, after)
            if not _is_made_of(path, made_of):
                files.write(path, render_document(run, documents[i], before, after, made_of=made_of))
    write_text(page, out / REPORT_FILE)


def page_key(run: Run, document: RunDocument, before: RunDocument | None, after: RunDocument | None) -> str:
    """Name all that a document's page depends on: one that has been written with it need not be written again."""
    said = {
        "about": _said_on_pages(run),
        "document": [document.profile, document.path, document.kind, document.language],
        "metadata": dict(document.metadata),
        "neighbours": [(d.id, d.name) if d else None for d in (before, after)],
        "passages": run.passages.rows(document.id),
    }
    digest = hashlib.sha256(to_json(said))
    digest.update(_pages_key(run.codebook.model_dump_json()).encode("utf-8"))
    return digest.hexdigest()


def _said_on_pages(run: Run) -> list[Any]:
    about = run.about
    return [about["program"]["equity-frames"], about["model"], about["settings"]["seed"]]


@lru_cache(maxsize=2)
def _pages_key(codebook: str) -> str:
    """Name the codebook, and what pages are rendered with."""
    digest = hashlib.sha256(codebook.encode("utf-8"))
    folder = files_of("pipeline")
    for part in ("templates", "report", "."):
        for asset in sorted(folder.joinpath(part).iterdir(), key=lambda a: a.name):
            if asset.is_file():
                digest.update(asset.name.encode("utf-8") + asset.read_bytes())
    return digest.hexdigest()


def _is_made_of(path: Path, key: str) -> bool:
    """Say whether a page was written with this key: it stands in the page's head."""
    try:
        with path.open("rb") as file:
            return f'content="{key}"'.encode() in file.read(_HEAD)
    except OSError:
        return False


def render_collection(
    run: Run, groupings: Sequence[Grouping] = (), other: tuple[str, Run] | None = None
) -> str:
    """Render the collection's page."""
    drawn = drawn_frames(run.codebook)
    said: dict[str, Any] = {}
    if other:
        name, before = other
        comparison = compare_runs(before, run)
        shared = {d.id for d in before.documents} & {d.id for d in run.documents}
        said = {
            "name": name,
            "run": before,
            "rows": change_rows(comparison, drawn, reach([comparison])),
            "reach": reach([comparison]),
            "shared": len(shared),
            "same_model": before.about["model"]["hash"] == run.about["model"]["hash"],
        }
    page: str = _page("collection.html.j2").render(
        **_common(run, "collection.js"),
        profile=run.collection,
        quotes=quotes(run),
        documents=run.documents[:ROWS_UP_TO],
        left_out=max(0, len(run.documents) - ROWS_UP_TO),
        columns=table_columns(run.documents),
        kinds=sorted({d.kind for d in run.documents}),
        groupings=[_grouping(g, run) for g in groupings],
        other=said,
        looks_like=lambda frame: looks_like(frame, sorted({d.kind for d in run.documents})),
        methods=methods_paragraph(run),
        hardly=hardly_there(run.documents, run.codebook.frame_ids),
        page_of=page_of,
    )
    return page


def render_document(
    run: Run,
    document: RunDocument,
    before: RunDocument | None = None,
    after: RunDocument | None = None,
    *,
    made_of: str = "",
) -> str:
    """Render a document's page; ``before`` and ``after`` are its neighbours, ``made_of`` its ``page_key``."""
    common = _common(run, "document.js")
    rows = run.passages.coded(document.id)
    views = passage_views(rows, common["drawn"])
    coded: dict[str, list[Any]] = {f: [] for f in run.codebook.frame_ids}
    for view in views:
        for code in view.coded:
            coded[code.frame.frame.id].append(view)
    page: str = _page("document.html.j2").render(
        **common,
        document=document,
        profile=document.profile,
        passages=views,
        coded=coded,
        strip=strip(rows, run.codebook.frame_ids),
        made_of=made_of,
        before=before,
        after=after,
        looks_like=lambda frame: looks_like(frame, [document.kind]),
    )
    return page


def _grouping(grouping: Grouping, run: Run) -> dict[str, Any]:
    drawn = drawn_frames(run.codebook)
    shown_pair = next((c for c in grouping.comparisons if (c.before, c.after) == _ends(grouping)), None)
    enough = [p for p in grouping.profiles if p.verdict != TOO_LITTLE]
    drawn_groups = enough[:MOST_PICTURES]
    end = axis_end(s.passages for p in enough for s in p.frames)
    return {
        "column": grouping.column,
        "groups": [
            {"label": label, "profile": p, "chart": chart(p, drawn, end=end) if p in drawn_groups else None}
            for label, p in zip(grouping.labels, grouping.profiles, strict=True)
        ],
        "undrawn": len(grouping.profiles) - len(drawn_groups),
        "pair": shown_pair,
        "rows": change_rows(shown_pair, drawn, reach(grouping.comparisons)) if shown_pair else [],
        "reach": reach(grouping.comparisons),
        "chooser": chooser(grouping, drawn) if len(grouping.comparisons) > 1 else None,
        "places": sorted({i for c in grouping.comparisons for i in (c.before, c.after)}),
    }


def _ends(grouping: Grouping) -> tuple[int, int]:
    """The first and the last group that have passages: of years, the change over all of them."""
    places = [i for c in grouping.comparisons for i in (c.before, c.after)]
    return (min(places), max(places)) if places else (0, 0)


def _common(run: Run, script: str) -> dict[str, Any]:
    drawn = drawn_frames(run.codebook)
    names = run.names

    def charts(profile: Profile) -> dict[str, Any]:
        return {"passages": chart(profile, drawn), "framed": chart(profile, drawn, framed=True)}

    return {
        "run": run,
        "about": run.about,
        "codebook": run.codebook,
        "drawn": drawn,
        "names": names,
        "style": Markup(_asset("report.css")),  # noqa: S704 - our own file
        "script": Markup(_asset(script)),  # noqa: S704 - our own file
        "script_hash": _hash(_asset(script)),
        "answer": lambda profile: answer(profile, names),
        "verdict": lambda profile: verdict_words(profile, names),
        "charts": charts,
        "too_little": TOO_LITTLE,
    }


def _page(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, between=between, shown=shown, certainty=certainty)
    environment.globals.update(
        counted=counted,
        listed=listed,
        difference_words=difference_words,
        difference_range=difference_range,
    )
    return environment


@cache
def _asset(name: str) -> str:
    return files_of("pipeline").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """The source expression by which the page's own policy lets this script run and no other."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
