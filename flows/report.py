"""Make a finished run's pages anew, from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flows.settings import UsageError
from pipeline.report import RunError, read_run, write_report
from pipeline.report.write import REPORT_FILE


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
