"""``equity-frames import-codings``: read people's codings back onto a run's passages, and say what was read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import cyclopts

from flows.settings import EXIT_ALL_READ, EXIT_NOTHING_READ, EXIT_SOME_SKIPPED, UsageError
from labels.codebook import Codebook, load_codebook
from pipeline.exports.safe import shown
from pipeline.reviews.from_project import read_qdpx
from pipeline.reviews.from_table import read_table, read_workbook
from pipeline.reviews.records import FrameNames, Imported, RunPassage, read_passages
from pipeline.reviews.write import write_codings, write_not_matched
from pipeline.run_folder import CODEBOOK_FILE, RUN_FILE

FOLDER = "codings"  # in the run's folder; a later run over it leaves people's work alone
SHOWN = 10  # of what could not be used; the file beside the codings has all

_BY_ID = Mapping[str, RunPassage]
# A new format is one function and one line.
READERS: Mapping[str, Callable[[Path, _BY_ID, FrameNames, str | None], Imported]] = MappingProxyType(
    {
        ".xlsx": lambda path, passages, names, coder: read_workbook(path, passages, names, coder=coder),
        ".ods": lambda path, passages, names, coder: read_workbook(path, passages, names, coder=coder),
        ".csv": lambda path, passages, names, coder: read_table(path, passages, names, coder=coder),
        ".tsv": lambda path, passages, names, coder: read_table(path, passages, names, coder=coder),
        ".qdpx": lambda path, passages, names, coder: read_qdpx(
            path, [*passages.values()], names, coder=coder
        ),
    }
)

app = cyclopts.App(name="import-codings", result_action="return_value")


@app.default
def import_codings(
    file: Path,
    /,
    *,
    run: Path,
    out: Path | None = None,
    coder: str | None = None,
    codebook: str | None = None,
) -> int:
    """Read what people coded: the workbook they wrote in, a project of their coding program, or a CSV.

    Parameters
    ----------
    file
        frames.xlsx with codes written in it, a .qdpx exported from NVivo, ATLAS.ti, MAXQDA, QualCoder or
        another program, or a .csv with the columns passage_id, frames and, if you like, coder, primary, comment.
    run
        The folder of the run whose passages were coded.
    out
        Where to write the codings: a .jsonl for `equity-frames evaluate`, or a .csv. By default codings/ in
        the run's folder, under the file's name.
    coder
        Who coded, where the file does not say.
    codebook
        The codebook (name or YAML file) if you have reworded it since; by default the one kept in the run.

    """
    if not file.is_file():
        raise UsageError(f"{file}: nothing is there. Check the spelling and the folder you are in.")
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise UsageError(
            f"{file}: codings are read from {', '.join(READERS)}. Save or export it as one of these."
        )
    target = out or run / FOLDER / f"{file.stem}.jsonl"
    if target.suffix.lower() not in {".jsonl", ".csv"}:
        raise UsageError(f"--out {target}: name a .jsonl or a .csv file.")
    if target.resolve() == file.resolve():
        raise UsageError(f"--out {target}: that is the file to read, and nothing of yours is overwritten.")
    book = run_codebook(run, codebook)
    passages = {p.id: p for p in read_passages(run)}
    imported = reader(file, passages, FrameNames(book), coder)
    if book.hash != run_hash(run):
        imported.notes.append("the codebook has been reworded since the run")
    left = target.with_name(f"{target.stem}-not-matched.csv")
    if imported.codings:
        write_codings(target, imported.codings, passages)
    if imported.not_matched:
        write_not_matched(left, imported.not_matched)
    else:
        left.unlink(missing_ok=True)  # an earlier import's
    _tell(imported, passages, book, file, target, left)
    if not imported.codings:
        return EXIT_NOTHING_READ
    return EXIT_SOME_SKIPPED if imported.not_matched else EXIT_ALL_READ


def run_codebook(run: Path, named: str | None) -> Codebook:
    """Return the codebook kept in a run, or the one named; UsageError where the run cannot be read or used another."""
    try:
        about = json.loads((run / RUN_FILE).read_text(encoding="utf-8"))["codebook"]
        if named is None:
            return Codebook.model_validate(json.loads((run / CODEBOOK_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"--run {run}: the folder holds no finished run. Name the folder that `equity-frames profile --out` wrote."
        ) from error
    book = load_codebook(Path(named) if Path(named).suffix in {".yaml", ".yml"} else named)
    if book.id != about["id"]:
        raise UsageError(f"--codebook {named}: that is {book.id}, but the run was coded with {about['id']}.")
    return book


def run_hash(run: Path) -> str:
    """Return the hash of the codebook that a finished run was coded with."""
    return str(json.loads((run / RUN_FILE).read_text(encoding="utf-8"))["codebook"].get("hash"))


def _tell(
    imported: Imported,
    passages: Mapping[str, RunPassage],
    book: Codebook,
    file: Path,
    target: Path,
    left: Path,
) -> None:
    coders = Counter(c.coder for c in imported.codings)
    reviewed = {c.passage_id for c in imported.codings}
    if imported.codings:
        who = ", ".join(f"{name} ({count:,})" for name, count in sorted(coders.items()))
        print(f"{file.name}: {len(reviewed):,} of {len(passages):,} passages were coded, by {shown(who)}.")
        for frame in book.frames:
            print(f"  {frame.name}: {sum(frame.id in c.frames for c in imported.codings):,}")
        print(f"  no frame: {sum(not c.frames for c in imported.codings):,}")
        same = sum(set(c.frames) == set(passages[c.passage_id].frames) for c in imported.codings)
        print(f"The program coded {same:,} of these {len(imported.codings):,} the same.")
        several = Counter(c.primary_by for c in imported.codings)
        guessed = several["order"] + several["extent"] + several["codebook"]
        if guessed:
            print(
                f"In {guessed:,} with several frames nobody said which is the main one: the first written, or the one "
                "on most of the passage, was taken (column primary_by)."
            )
    else:
        print(f"{file.name}: no coding was found that could be used.")
    for note in imported.notes:
        print(shown(f"Please note: {note}."))
    if imported.not_matched:
        print(f"\nNot used: {len(imported.not_matched):,}.")
        for item in imported.not_matched[:SHOWN]:
            print(shown(f"  {item.where}: {item.found}. {item.remedy}."))
        print(f"All of them with what to do: {left}")
    if imported.codings:
        print(f"\nCodings: {target}")
        print(
            f"Compare with the program: equity-frames evaluate {target}" if target.suffix == ".jsonl" else ""
        )


__all__ = ["app", "import_codings", "run_codebook"]
