"""Measure how fast passages are coded, against what one would use otherwise, and what it costs in accuracy.

    python -m benchmarks.encoding [--rounds 5] [--passages 0] [--real ../shared/real]

Contenders take turns in short rounds on a district's board packet (all its passages, or an even choice of
--passages); a round gives each one's speed against that of (a) in the same round, and the middle of the
rounds is printed: another program on the machine slows all of them. Macro-F1 is on the real passages.
Memory is the most that a process of its own holds while it loads one contender and codes the packet.
(b) is SetFit's own predict where the ``peers`` extra is installed, else the same two steps by hand.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import machine
from classifiers.backends import BACKENDS
from classifiers.encoder import SentenceEncoder
from classifiers.frame_model import Codings, FrameModel, decide, load_model
from classifiers.linear import side_by_side, words_of
from corpora.corpus import read_corpus
from flows.baselines import coder_for
from flows.environment import prepare
from flows.evaluate import evaluate
from flows.models import model_for
from flows.train import as_examples
from labels.codebook import Codebook, load_codebook
from labels.gold import GoldRow, read_gold
from pipeline.find import find_files
from pipeline.read import ReadOptions, read_file
from pipeline.records import Document
from pipeline.split import split_passages

Code = Callable[[Sequence[str]], Codings]
PLAIN, TFIDF = "(a) SentenceTransformer.encode + head", "(c) TF-IDF + LR"
SETFIT = "(b) SetFit predict" if find_spec("setfit") else "(b) SetFit's two steps by hand"
DEFAULT, FAST = "default", "--model fast"
LEARNT_FROM = 5  # every fifth of the corpus's plain passages: enough for a head of 384 weights a frame
PACKET = Path("documents") / "district_board_packet_2021.md"


def plain(model: FrameModel) -> Code:
    """(a): ``SentenceTransformer.encode`` with its defaults (float32) on the tuned weights, and the same head."""
    from sentence_transformers import SentenceTransformer

    body = SentenceTransformer(str(model.encoder.path), device="cpu").float()
    body.max_seq_length = model.encoder.max_tokens

    def code(texts: Sequence[str]) -> Codings:
        vectors = body.encode(list(texts), show_progress_bar=False)
        features = side_by_side(vectors, words_of(model.cues, model.terms, texts))
        return model.head.decide(np.asarray(features @ model.head.weight.T + model.head.bias, float))

    return code


def setfit(model: FrameModel, codebook: Codebook) -> Code:
    """(b): the same body, and a logistic regression a frame fitted to its vectors, as SetFit does it."""
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multioutput import MultiOutputClassifier

    body = SentenceTransformer(str(model.encoder.path), device="cpu").float()
    body.max_seq_length = model.encoder.max_tokens
    examples = as_examples(read_corpus(frames=codebook.frame_ids), codebook)
    learnt = np.flatnonzero(examples.judged)[::LEARNT_FROM]
    vectors = model.encoder.transform([examples.texts[i] for i in learnt.tolist()])
    each = MultiOutputClassifier(LogisticRegression(max_iter=1000)).fit(vectors, examples.labels[learnt])
    try:
        from setfit import SetFitModel

        predict = SetFitModel(model_body=body, model_head=each).predict
    except ImportError:

        def predict(texts: list[str], **_: object) -> NDArray[Any]:
            return np.asarray(each.predict(body.encode(texts, batch_size=32, show_progress_bar=False)))

    def code(texts: Sequence[str]) -> Codings:
        coded = np.asarray(predict(list(texts), as_numpy=True, show_progress_bar=False), float)
        return decide(coded, coded.max(1), np.full(len(model.frames), 0.5), 1.0)

    return code


def contenders(codebook: Codebook) -> dict[str, Callable[[], Code]]:
    """Name each contender and how it is loaded."""
    every: dict[str, Callable[[], Code]] = {
        PLAIN: lambda: plain(load_model()),
        SETFIT: lambda: setfit(load_model(), codebook),
        TFIDF: lambda: coder_for(codebook, "tfidf")[0],
    }
    for name, backend in BACKENDS.items():
        if backend.installed:
            every[f"back end {name}"] = lambda name=name: load_model(backend=name).code
    every[DEFAULT] = lambda: model_for(codebook, None)[0].code
    every[FAST] = lambda: model_for(codebook, "fast")[0].code
    return every


def packet(real: Path, passages: int) -> list[str]:
    """Read and split the board packet as a run does; all passages, or an even choice."""
    found, _ = find_files([real / PACKET], Path())
    encoder = load_model().encoder
    documents = [d for d in read_file(found[0], ReadOptions()).results if isinstance(d, Document)]
    texts = coding_texts(documents, encoder)
    return texts[:: max(1, len(texts) // passages)] if passages else texts


def coding_texts(documents: Sequence[Document], encoder: SentenceEncoder) -> list[str]:
    """Split documents into passages as a run does, and return what is coded of each."""
    return [
        passage.coding_text
        for document in documents
        for passage in split_passages(
            document, fits=lambda text: encoder.count_tokens(text) <= encoder.max_tokens
        ).passages
    ]


def measure(real: Path, rounds: int, passages: int) -> None:
    """Load every contender, let them take turns, and print a table."""
    codebook = load_codebook("nasem-2024")
    texts, gold = packet(real, passages), read_gold(real / "passages.jsonl", codebook)
    loaded = {name: load() for name, load in contenders(codebook).items()}
    codings = {name: code(texts) for name, code in loaded.items()}  # warm, too
    took: dict[str, list[float]] = {name: [] for name in loaded}
    for _ in range(rounds):
        for name, code in loaded.items():
            begun = time.perf_counter()
            code(texts)
            took[name].append(time.perf_counter() - begun)
    print(
        machine(), f"\n{len(texts)} passages, {rounds} rounds; the middle of the rounds, then their range\n"
    )
    print("| contender | passages/s | × (a) | range | macro-F1 | any-frame F1 | peak memory, GB |")
    print("|---|---|---|---|---|---|---|")
    for name, code in loaded.items():
        against = [a / b for a, b in zip(took[PLAIN], took[name], strict=True)]
        speed, ratio = len(texts) / statistics.median(took[name]), statistics.median(against)
        f1, any_f1 = accuracy(code, gold, codebook)
        spread = f"{min(against):.1f} to {max(against):.1f}"
        memory = peak_memory(name, texts)
        print(f"| {name} | {speed:,.0f} | {ratio:.1f} | {spread} | {f1:.3f} | {any_f1:.3f} | {memory} |")
    framed = codings[DEFAULT].coded.any(1)
    lost = int((framed & ~codings[FAST].coded.any(1)).sum())
    print(f"\n{FAST} misses {lost} of the {framed.sum()} passages of the packet that the default frames.")
    encoder = load_model().encoder
    print(f"Default: {encoder.runs_on}, {encoder.precision_}.")


def accuracy(code: Code, gold: Sequence[GoldRow], codebook: Codebook) -> tuple[float, float]:
    """Return macro-F1 and any-frame F1 on gold passages."""
    measured = evaluate(gold, code([row.text for row in gold]), codebook)
    return measured["macro_f1"], measured["any_frame_f1"]


def peak_memory(name: str, texts: Sequence[str]) -> str:
    """Return the most memory a process holds that loads one contender and codes the packet, in GB."""
    words = [sys.executable, "-m", "benchmarks.encoding", "--alone", name]
    ran = subprocess.run(words, input=json.dumps(texts), capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    return ran.stdout.strip().splitlines()[-1]


def alone(name: str) -> None:
    """Load one contender, code the texts on standard input, print the process's peak memory."""
    contenders(load_codebook("nasem-2024"))[name]()(json.load(sys.stdin))
    status = Path("/proc/self/status")  # not getrusage: a child's begins with what its parent held
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)
    print("unknown" if peak is None else f"{peak / (1 << 20):.2f}")


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--passages", type=int, default=0, help="how many of the packet's passages; 0 for all"
    )
    parser.add_argument("--real", type=Path, default=Path("../shared/real"))
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    prepare()
    if given.alone:
        alone(given.alone)
    else:
        measure(given.real, given.rounds, given.passages)


if __name__ == "__main__":
    main()
