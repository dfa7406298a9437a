"""What new processes are copies of, where the system can copy one: imported once."""

from __future__ import annotations

from pipeline.importing import fast_imports

with fast_imports():
    import pipeline.workbook
    import pipeline.worker  # noqa: F401 - for the copies
