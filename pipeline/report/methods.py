"""The methods paragraph: how the numbers were made, ready for a paper or a board memo."""

from __future__ import annotations

from pipeline.frame_profile import DRAWS, INTERVAL, MIN_PASSAGES, MIN_WORDS
from pipeline.report.groups import seed_of
from pipeline.report.run import Run
from pipeline.wording import counted, listed


def methods_paragraph(run: Run) -> str:
    """Describe the run in the past tense, with everything that a reader needs to repeat it."""
    about, book, whole = run.about, run.codebook, run.collection
    sources = "; ".join(s.citation.rstrip(".") for s in book.sources)
    unread = (
        f" {counted(len(run.skipped), 'file or row', 'files or rows')} could not be read."
        if run.skipped
        else ""
    )
    to_review = sum(d.to_review for d in run.documents)
    return (
        f"We coded {counted(whole.documents, 'document')} ({counted(whole.passages, 'passage')}, "
        f"{counted(whole.words, 'word')}) with equity-frames {about['program']['equity-frames']}, which splits "
        f"documents into passages of one paragraph or list item, and assigns to each passage a calibrated "
        f"probability that it foregrounds each of {len(book.frames)} frames: "
        f"{listed([f.name for f in book.frames])} (codebook “{book.title}”, version {book.version}, SHA-256 "
        f"{book.hash[:12]}{'; ' + sources if sources else ''}).{unread} Codings came from the model "
        f"“{about['model']['name']}” (SHA-256 {str(about['model']['hash'])[:12]}, {about['model']['precision']}). "
        f"A frame's share is the mean of its probabilities over passages. Ranges are {INTERVAL:.0%} intervals "
        f"from {DRAWS:,} draws that resample passages and draw labels from the probabilities (seed "
        f"{seed_of(run)}); they are model-based and do not cover systematic errors of the model. A frame was "
        f"said to lead where it came first in at least 90% of the draws, and no verdict was given under "
        f"{MIN_PASSAGES} passages or {MIN_WORDS} words. {counted(to_review, 'passage was', 'passages were')} "
        f"marked as needing a person's review. The run was made on {str(about['started'])[:10]}."
    )
