"""The report: a page for the collection and one a document, made from a run's tables alone."""

from __future__ import annotations

from pipeline.report.run import Run, RunDocument, RunError, read_run
from pipeline.report.write import write_report

__all__ = ["Run", "RunDocument", "RunError", "read_run", "write_report"]
