"""What a run has in hand, and how one is begun or gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import classifiers
from classifiers.frame_model import FrameModel
from flows import coding
from flows.settings import Listener, RunSettings, UsageError
from labels.codebook import Codebook
from pipeline.cache import Cache, code_key, key_of
from pipeline.find import Found
from pipeline.manifest import Manifest
from pipeline.memory import give_back_memory
from pipeline.read import FileRead, Twins, digest_of
from pipeline.reading import reader_key
from pipeline.records import Passage, Profile, Skipped, as_path
from pipeline.run_folder import is_unfinished
from pipeline.store import RunStore, StoreError

Load = Callable[[], tuple[FrameModel, tuple[str, ...]]]
FETCHING, READING, LOADING, CODING, WRITING = (
    "Fetching documents",
    "Reading documents",
    "Loading the model",
    "Coding passages",
    "Profiling and writing",
)
# The code that a coding, and that an embedding, depends on besides the model; pipeline's is in ``program_key``.
_ENCODES = (Path(classifiers.__file__).parent,)
_CODES = (*_ENCODES, Path(coding.__file__))
_ANEW = "Give what was given then, or leave --resume out to start anew"


class Work:
    """What the run has in hand. Tasks take it with a range; Prefect, which would look into a dataclass, never does.

    ``window`` holds passages that are next to be coded, with their numbers in the store; ``waiting`` counts
    all that have no coding yet.
    """

    def __init__(self, settings: RunSettings, codebook: Codebook, listener: Listener) -> None:
        self.settings, self.codebook, self.listener = settings, codebook, listener
        self.cache = Cache(settings.cache)
        self.started = datetime.now(UTC).replace(microsecond=0)
        self.found: list[Found] = []
        self.manifest: Manifest | None = None
        self.manifest_path: Path | None = None
        self.not_found: list[Skipped] = []
        self.remarks: list[str] = []
        self.twins = Twins()
        self.reads: Iterator[FileRead] = iter(())
        self.window: list[tuple[int, Passage]] = []
        self.waiting = 0
        self.profiles: list[Profile] = []
        self.others: list[Profile] = []
        self.model_warnings: tuple[str, ...] = ()
        self.model_key = self.encoder_key = ""
        self.about_model: dict[str, Any] = {}
        self.unfamiliar_below: float | None = None
        self._store: RunStore | None = None
        self._model: FrameModel | None = None

    @property
    def begun(self) -> bool:
        """Whether there is a store."""
        return self._store is not None

    @property
    def store(self) -> RunStore:
        """The run's store, once it is open."""
        if self._store is None:
            raise RuntimeError("the run has not been begun")
        return self._store

    @property
    def model(self) -> FrameModel:
        """The model, while passages are coded."""
        if self._model is None:
            raise RuntimeError("the model has not been loaded, or let go of")
        return self._model

    def open_store(self) -> int:
        """Begin a run, or go on with the one in the folder; returns how many files it has read already.

        UsageError if there is none to go on with, or it was asked to do something else.
        """
        plan, out = _plan(self), self.settings.out
        try:
            if self.settings.resume:
                self._store = RunStore.resume(out)
            if self._store is None:
                if is_unfinished(out) and not self.settings.resume:
                    self.remarks.append(
                        f"an unfinished run in {out} has been thrown away; with --resume it would have been finished"
                    )
                self._store = RunStore.begin(out, plan)
                return 0
        except StoreError as error:
            raise UsageError(f"{'--resume' if self.settings.resume else f'--out {out}'}: {error}.") from error
        then = self.store.plan()
        self.started = datetime.fromisoformat(then.pop("started"))
        del plan["started"]
        _check_same(then, plan)
        read = list(self.store.files())
        for (display, digest), found in zip(read, self.found, strict=False):
            if digest != digest_of(found.path):
                raise UsageError(f"--resume: {display} has changed since the run was begun. {_ANEW}.")
        for content, path in self.store.contents():
            self.twins.count(content, path)
        counts = self.store.counts()
        self.waiting = counts.passages - counts.coded
        return len(read)

    def fits(self, text: str) -> bool:
        """Say whether a text is within the model's window."""
        return self.model.encoder.count_tokens(text) <= self.model.encoder.max_tokens

    def take_model(self, load: Load) -> None:
        """Load the model; UsageError if an unfinished run was coded with another."""
        self._model, self.model_warnings = load()
        model = self._model
        self.about_model = model.about
        self.unfamiliar_below = model.familiarity.floor if model.familiarity else None
        self.model_key = key_of(model.key, self.codebook.hash, code_key(*_CODES)).hex()
        self.encoder_key = key_of(model.encoder_key, code_key(*_ENCODES)).hex()
        if self.store.model_key(self.model_key) != self.model_key:
            raise UsageError(
                "--resume: the run was begun with another model, another form of it, or another version of the "
                f"program. {_ANEW}."
            )

    def let_go_of_model(self) -> None:
        """Let the model's memory go: when everything is coded it is needed no more."""
        self._model = None
        give_back_memory()

    def close(self) -> None:
        """Let go of the store and the cache; both stay on disk."""
        if self._store is not None:
            self._store.close()
        self.cache.close()


def _plan(work: Work) -> dict[str, Any]:
    """Return all that what is read and coded depends on, but for the model; and when the run began.

    The columns to group by and the seed are not in it: they come in when everything is coded.
    """
    settings = work.settings
    return {
        "program": reader_key(),
        "codebook": work.codebook.hash,
        "--model": settings.model,
        "--kind": settings.kind,
        "--text-column": settings.text_column,
        "manifest": digest_of(work.manifest_path) if work.manifest_path else None,
        "inputs": [*map(as_path, settings.inputs), *settings.urls],
        "files": [found.display for found in work.found],
        "started": work.started.isoformat(),
    }


_DIFFERENT = {
    "program": "the run was begun with another version of the program or of a library it reads with",
    "codebook": "the run was begun with another codebook, or the codebook has been changed",
    "manifest": "the run was begun with another manifest, or the manifest has been changed",
    "inputs": "the run was begun with other inputs",
    "files": "files have come or gone since the run was begun",
}


def _check_same(then: dict[str, Any], now: dict[str, Any]) -> None:
    for name, value in now.items():
        if then.get(name) != value:
            said = _DIFFERENT.get(name) or (
                f"the run was begun with {_given(name, then.get(name))}, and now it is {_given(name, value)}"
            )
            raise UsageError(f"--resume: {said}. {_ANEW}.")


def _given(name: str, value: object) -> str:
    return f"no {name}" if value is None else f"{name} {value}"
