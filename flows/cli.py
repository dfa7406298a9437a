"""The command line: ``equity-frames``. The one place that prints."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import cyclopts
from cyclopts import Parameter
from rich.console import Console

from flows.environment import prepare, spare_pytorch
from flows.settings import (
    DEFAULT_CODEBOOK,
    EXIT_ALL_READ,
    EXIT_NOTHING_READ,
    EXIT_SOME_SKIPPED,
    EXIT_STOPPED,
    EXIT_USAGE,
    RunSettings,
    StoppedError,
    UsageError,
    check_out,
)
from labels.codebook import Codebook, CodebookError, load_codebook
from pipeline.errors import UnreadableDocumentError, WorkerError

app = cyclopts.App(
    name="equity-frames",
    help="Say which equity frames documents foreground: where, how surely, and which are missing.",
    result_action="return_value",
)
codebook_app = cyclopts.App(name="codebook", help="Show a codebook, or check one of your own.")
app.command(codebook_app)
app.command("flows.reporting:app", name="report", help="Make a finished run's pages anew, from its tables.")
app.command("flows.annotating:app", name="annotate", help="Write copies of PDF and Word files with comments.")
app.command("flows.caching:app", name="cache", help="See or clear what runs keep for later runs.")
app.command("flows.reviewing:app", name="import-codings", help="Read what people coded back onto a run.")

errors = Console(stderr=True, soft_wrap=True, highlight=False)


@app.command
def profile(
    inputs: Annotated[list[str], Parameter(consume_multiple=True)],
    /,
    *,
    out: Path,
    manifest: Path | None = None,
    text_column: str | None = None,
    kind: Literal["curriculum", "policy", "program"] | None = None,
    codebook: str = DEFAULT_CODEBOOK,
    model: str | None = None,
    by: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None,
    seed: int = 0,
    resume: Annotated[bool, Parameter(negative="")] = False,
    cache: Annotated[bool, Parameter(name="--cache", negative="--no-cache")] = True,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
    allow_network: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Profile documents: which frames they foreground, where, and how surely.

    Parameters
    ----------
    inputs
        Files, folders and ZIP archives: PDF, Word, PowerPoint, OpenDocument, RTF, HTML, EPUB,
        Markdown, text; tables (CSV, TSV, Excel, Parquet, JSON Lines) in which a row is a document.
    out
        The folder to write to: report.html, frames.xlsx, tables, a profile a document.
    manifest
        A CSV that says what each file is: columns path, kind, title, and any others to group by.
    text_column
        The column of a table that holds the text; guessed where it is clear.
    kind
        What the documents are, where the manifest does not say.
    codebook
        A codebook that comes with the program, or a YAML file of your own.
    model
        A model that comes with the program, or a folder made by `equity-frames train`. `fast` (or FOLDER:fast)
        passes over text that surely carries no frame.
    by
        Also profile groups: the documents with the same value in this column. May be repeated.
    seed
        The seed of the draws behind the intervals; the same seed gives the same numbers.
    resume
        Go on with the run in --out that was stopped or killed; give everything else as you did then.
    cache
        Use what earlier runs read and coded of the same files, and keep what this one does for later runs;
        --no-cache does neither.
    quiet
        Show no progress.
    json_
        Print the outcome as JSON.
    allow_network
        Fetch inputs that begin with http:// or https://; nothing else ever uses the network.

    """
    from flows.caching import cache_folder
    from flows.fetching import is_url

    book = _codebook(codebook)
    urls = tuple(given for given in inputs if is_url(given))
    paths = tuple(Path(given) for given in inputs if not is_url(given))
    if urls and not allow_network:
        raise UsageError(
            f"{urls[0]}: documents are fetched from the web only where you allow it, with --allow-network. "
            "Or download it in a browser and give the file."
        )
    settings = RunSettings(
        inputs=paths,
        out=out,
        manifest=manifest,
        text_column=text_column,
        kind=kind,
        codebook=codebook,
        model=model,
        by=tuple(dict.fromkeys(by or ())),
        seed=seed,
        urls=urls,
        resume=resume,
        cache=cache_folder() if cache else None,
    )
    check_out(out)
    missing = [str(p) for p in (*paths, *([manifest] if manifest else [])) if not _is_there(p)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: nothing is there. Check the spelling and the folder you are in."
        )
    result = _run(settings, book, quiet=quiet or json_)
    from flows.telling import as_data, tell  # a tenth of a second that nobody need wait for

    for remark in result.remarks:
        errors.print(f"{remark[0].upper()}{remark[1:]}.", markup=False)
    code = (
        EXIT_NOTHING_READ if not result.documents else EXIT_SOME_SKIPPED if result.skipped else EXIT_ALL_READ
    )
    if json_:
        print(json.dumps(as_data(result, code), ensure_ascii=False))
    elif not quiet:
        tell(result)
    return code


@app.command
def evaluate(
    gold: Path,
    /,
    *,
    model: str | None = None,
    codebook: str = DEFAULT_CODEBOOK,
    out: Path | None = None,
    seed: int = 0,
) -> int:
    """Compare the model's codings with passages that were coded by others.

    Parameters
    ----------
    gold
        A JSON Lines file; a line has id, text, frames and primary, and may have document, order, set.
    model
        A model that comes with the program (also: keyword, none), or a folder made by `equity-frames train`.
    codebook
        The codebook the gold was coded with.
    out
        The folder to write metrics.json to; the folder you are in where none is named.
    seed
        The seed of the draws behind the intervals.

    """
    spare_pytorch()
    from flows.baselines import coder_for
    from flows.evaluate import evaluate as compare
    from labels.gold import GoldError, read_gold
    from pipeline.write import write_json

    book = _codebook(codebook)
    try:
        rows = read_gold(gold, book)
    except GoldError as error:
        raise UsageError(str(error)) from error
    code, name = coder_for(book, model)
    metrics = compare(rows, code([r.text for r in rows]), book, seed=seed)
    path = (out or Path()) / "metrics.json"
    write_json({"gold": gold.name, "model": name, **metrics}, path)
    low, high = metrics["intervals"]["macro_f1"]
    print(f"{metrics['n']} passages coded by {name}.")
    print(f"Macro-F1 {metrics['macro_f1']:.3f} (90% interval {low:.2f} to {high:.2f}), "
          f"agreement with the gold (Krippendorff's alpha) {metrics['alpha']['mean']:.2f}.")  # fmt: skip
    for frame in book.frames:
        print(f"  {frame.name}: F1 {metrics['per_frame'][frame.id]['f1']:.2f}")
    print(f"All measures: {path}")
    return EXIT_ALL_READ


@app.command
def classify(*, model: str | None = None, codebook: str = DEFAULT_CODEBOOK) -> int:
    """Code texts: JSON Lines with id and text on standard input, codings on standard output.

    Parameters
    ----------
    model
        A model that comes with the program, or a folder made by `equity-frames train`.
    codebook
        A codebook that comes with the program, or a YAML file of your own.

    """
    spare_pytorch()
    from flows.classify import classify_lines

    for line in classify_lines(sys.stdin, _codebook(codebook), model):
        print(line, flush=False)
    return EXIT_ALL_READ


@app.command
def train(
    *,
    out: Path,
    corpus: Path | None = None,
    codebook: str = DEFAULT_CODEBOOK,
    recipe: Literal["finetuned", "frozen"] = "finetuned",
    seed: int = 0,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Train a model on coded passages, and say how it does on genres it has not seen.

    Parameters
    ----------
    out
        The folder to write the model to.
    corpus
        A folder of JSON Lines files, one a genre; the corpus that comes with the program by default.
    codebook
        The codebook the corpus was coded with.
    recipe
        finetuned tunes the whole encoder (half an hour on two cores; the shipped model is made so), frozen
        learns on top of the encoder as it is (minutes).
    seed
        The seed of everything random.
    quiet
        Show no progress.

    """
    import time

    from classifiers.frame_model import ModelError
    from corpora.corpus import CorpusError
    from flows.progress import training_progress
    from flows.train import how_it_did
    from flows.train import train as fit

    started = time.monotonic()
    try:
        with training_progress(quiet=quiet) as progress:
            model = fit(corpus, out, _codebook(codebook), recipe=recipe, seed=seed, progress=progress)
    except (CorpusError, ModelError) as error:
        raise UsageError(str(error)) from error
    for line in how_it_did(model, kinds=corpus is None and codebook == DEFAULT_CODEBOOK):
        print(line)
    print(f"{(time.monotonic() - started) / 60:.1f} minutes{_peak_memory()}. Model written to {out}")
    return EXIT_ALL_READ


@codebook_app.command
def show(codebook: str = DEFAULT_CODEBOOK, /) -> int:
    """Print a codebook as a coder would read it.

    Parameters
    ----------
    codebook
        A codebook that comes with the program, or a YAML file.

    """
    from labels.render import render_codebook

    print(render_codebook(_codebook(codebook)))
    return EXIT_ALL_READ


@codebook_app.command
def check(file: str, /) -> int:
    """Check a codebook of your own and say what is wrong or missing in it.

    Parameters
    ----------
    file
        The YAML file.

    """
    from labels.hints import check_codebook

    book = _codebook(file)
    print(f"{file}: {book.title}, version {book.version}, {len(book.frames)} frames. It can be used.")
    for hint in check_codebook(file):
        print(f"  To make it better: {hint}")
    return EXIT_ALL_READ


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    prepare()
    try:
        code = app(list(arguments) if arguments is not None else None, exit_on_error=False, print_error=True)
    except cyclopts.CycloptsError:
        sys.exit(EXIT_USAGE)
    except (UsageError, CodebookError, UnreadableDocumentError) as error:
        errors.print(str(error), style="bold", markup=False)
        sys.exit(EXIT_USAGE)
    except (StoppedError, WorkerError) as error:
        errors.print(str(error), style="bold", markup=False)
        sys.exit(EXIT_STOPPED)
    except KeyboardInterrupt:
        errors.print("Stopped. What was finished is kept: `profile` goes on with it when --resume is given.")
        sys.exit(130)
    gc.freeze()  # or Python looks through all that the libraries made once more before it leaves: a second
    sys.exit(code if isinstance(code, int) else EXIT_ALL_READ)


def _peak_memory() -> str:
    """Say the most memory this process has held, where the system tells."""
    try:
        import resource
    except ImportError:  # Windows
        return ""
    unit = 1 << 30 if sys.platform == "darwin" else 1 << 20  # bytes there, kilobytes elsewhere
    return f", {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:.1f} GB of memory at most"


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # in a folder that may not be entered, say: whoever opens it tells


def _codebook(name: str) -> Codebook:
    path = Path(name)
    return load_codebook(path if path.suffix in {".yaml", ".yml"} else name)


def _run(settings: RunSettings, book: Codebook, *, quiet: bool) -> Any:
    """Run the flow, with the model loading while Prefect starts and documents are read."""
    from flows.server import prefect_server
    from pipeline.importing import fast_imports
    from pipeline.processes import warm_up

    # What takes longest is begun first: Prefect's server, which everything else is done beside.
    with prefect_server() as up, ThreadPoolExecutor(1) as pool, _quiet_libraries():
        with fast_imports():
            warm_up()
            spare_pytorch()
            from flows.models import check_model, model_for

            check_model(book, settings.model)
            loading = [pool.submit(model_for, book, settings.model)]
            from flows.profile_corpus import profile_corpus
            from flows.progress import run_progress

            up()
        with run_progress(quiet=quiet) as listener:
            # Taken out of the list, so that the run alone holds the model and can let it go.
            return profile_corpus(settings, book, lambda: loading.pop().result(), listener)


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep other libraries' remarks off the screen; errors still come as exceptions."""
    import logging
    import warnings

    for name in ("transformers", "sentence_transformers", "httpx", "prefect", "fontTools", "pypdfium2"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


if __name__ == "__main__":
    main()
