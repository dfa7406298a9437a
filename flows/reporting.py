"""``equity-frames report``: a finished run's pages anew, from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from flows.settings import EXIT_ALL_READ, UsageError
from pipeline.report import RunError, read_run, write_report
from pipeline.run_folder import REPORT_FILE

app = cyclopts.App(name="report", result_action="return_value")


@app.default
def report(
    run: Path,
    /,
    *,
    by: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None,
    compare: Path | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make the pages of a finished run anew from its tables; no document is read again.

    Parameters
    ----------
    run
        The folder of a run.
    by
        Show the groups with the same value in this column, instead of those the run was made with.
        May be repeated.
    compare
        The folder of another run with the same codebook: show what changes from it to this one.
    quiet
        Say nothing.

    """
    page = rebuild_report(run, by=by, compare=compare)
    if not quiet:
        print(f"Open {page} in a browser.")
    return EXIT_ALL_READ


def rebuild_report(folder: Path, *, by: Sequence[str] | None = None, compare: Path | None = None) -> Path:
    """Write all pages of the run in ``folder`` and return the collection's.

    ``by`` names the columns to group by (None: those of the run); ``compare`` is the folder of
    another run. UsageError if a folder is no run, a column is nowhere or the runs do not compare.
    """
    try:
        other = (compare.resolve().name, read_run(compare)) if compare else None
        write_report(read_run(folder), folder, by=by, other=other)
    except RunError as error:
        raise UsageError(str(error)) from error
    return folder / REPORT_FILE
