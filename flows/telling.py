"""Tell the outcome of a run: in sentences, or as data for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.wording import answer, counted

if TYPE_CHECKING:
    from flows.stages import Outcome

_FEW = 10  # skipped files that are named on the screen; all are in skipped.csv


def as_data(result: Outcome, code: int) -> dict[str, Any]:
    """Return the outcome with the exit code, as plain data."""
    whole = result.collection
    return {
        "exit_code": code,
        "documents": result.documents,
        "passages": result.passages,
        "skipped": [{"path": s.path, "reason": s.found, "what_to_do": s.remedy} for s in result.skipped],
        "verdict": whole.verdict,
        "leading": list(whole.leading),
        "not_foregrounded": list(whole.not_foregrounded),
        "report": (result.settings.out / "report.html").as_posix(),
    }


def tell(result: Outcome) -> None:
    """Print the answer, what was not read, what to note and where to look."""
    names = {f.id: f.name for f in result.codebook.frames}
    for sentence in answer(result.collection, names):
        print(sentence)
    if result.skipped:
        print(f"\nNot read: {counted(len(result.skipped), 'file or row', 'files or rows')}.")
        for skipped in result.skipped[:_FEW]:
            print(f"  {skipped.path}: {skipped.found}. {skipped.remedy}.")
        if len(result.skipped) > _FEW:
            print(f"  … and {len(result.skipped) - _FEW} more, all in {result.settings.out / 'skipped.csv'}")
    for note in result.notes:
        print(f"\nPlease note: {note}.")
    print(f"\nOpen {result.settings.out / 'report.html'} in a browser.")
