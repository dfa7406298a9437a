"""Write what other programs read of a run, beside its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labels.codebook import Codebook
from pipeline.exports.refi import write_codebook, write_project
from pipeline.records import Document
from pipeline.store import RunStore
from pipeline.write import whole_file

PROJECT_FILE, CODEBOOK_FILE = "project.qdpx", "codebook.qdc"
MOST_SOURCES = (
    5_000  # NVivo, MAXQDA and their kin open hundreds of sources well and many thousands not at all
)


def write_exports(out: Path, codebook: Codebook, documents: Sequence[Document], store: RunStore) -> None:
    """Write ``project.qdpx`` and ``codebook.qdc`` into a run's folder; no project of very many documents."""
    with whole_file(out / CODEBOOK_FILE) as part:
        write_codebook(part, codebook)
    if project_note(len(documents)):
        (out / PROJECT_FILE).unlink(missing_ok=True)
        return
    with whole_file(out / PROJECT_FILE) as part:
        write_project(part, codebook, documents, (own for _, own in store.coded()), store.texts())


def project_note(documents: int) -> tuple[str, ...]:
    """Say why a run has no project, if it has none."""
    if documents <= MOST_SOURCES:
        return ()
    return (
        (
            f"{PROJECT_FILE} was not written: {documents:,} documents are more than the programs that read such "
            f"projects can open (over {MOST_SOURCES:,}); profile a selection of them"
        ),
    )
