"""Compare kinds of classifier honestly: same passages, same folds, same thresholds rule, one table.

``python -m flows.compare --gold FILE [--teacher FOLDER] [--only NAME …]`` trains what has not been measured
on this corpus yet, and writes ``classifiers/comparison.json`` (shown in ``classifiers/MODEL_CARD.md``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.model_selection import GroupKFold

from classifiers.calibration import make_head
from classifiers.frame_model import Codings, Head
from classifiers.metrics import Coded, measure
from classifiers.tuning import Told
from corpora.corpus import TrainingPassage, read_corpus
from flows.candidates import CANDIDATES, Candidate, Task, Texts
from flows.evaluate import evaluate
from flows.train import COMPARISON, JUDGED
from labels.codebook import Codebook, load_codebook
from labels.gold import GoldRow, read_gold

PLANNED = "document"  # the manner of writing
KEPT = Path(__file__).parent.parent / "build" / "comparison"  # logits of lines measured already
SIZES = (0.25, 0.5, 0.75, 1.0)  # shares of the documents on a learning curve
HALF = 0.5  # of the documents: enough to tell what costs hours on all of them
LINES = {
    1.0: ("keyword", "tfidf", "words", "frozen", "frozen + words", "fine-tuned", "fine-tuned + words", "any-frame gate",
          "planned too", "planned too + words"),
    HALF: ("frozen", "fine-tuned", "fine-tuned + words", "second seed", "two seeds + words", "contrastive",
           "soft labels", "context", "label-aware", "teacher", "distilled"),
}  # fmt: skip
FOLDS = 2  # each candidate is trained twice, on half of the genres

told = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Material:
    """What every candidate is compared on: judged corpus passages and gold rows, in their order.

    ``planned`` are passages written with the codes in mind, which one candidate learns from too.
    """

    codebook: Codebook
    passages: Sequence[TrainingPassage]
    planned: Sequence[TrainingPassage]
    gold: Sequence[GoldRow]

    @property
    def labels(self) -> NDArray[np.bool_]:
        """Settled codings; (n passages, k)."""
        return coded(self.passages, self.codebook)

    @property
    def soft(self) -> NDArray[np.float64]:
        """Mean of the readings, the last column for any frame; (n passages, k + 1)."""
        frames = self.codebook.frame_ids
        readings = [p.readings or (p.frames,) for p in self.passages]
        return np.array(
            [np.mean([[*(f in r for f in frames), bool(r)] for r in several], 0) for several in readings]
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every passage with its coding, and over the gold."""
        said = [[p.text, p.frames, p.document] for p in self.passages]
        said += [[r.text, r.frames, r.document] for r in self.gold]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def read_material(gold: Path, codebook: Codebook) -> Material:
    """Read the judged passages of the shipped corpus, and gold rows."""
    corpus = read_corpus(frames=codebook.frame_ids)
    return Material(
        codebook,
        [p for p in corpus if p.manner == JUDGED],
        [p for p in corpus if p.manner == PLANNED],
        read_gold(gold, codebook),
    )


def coded(passages: Sequence[TrainingPassage], codebook: Codebook) -> NDArray[np.bool_]:
    """Return the settled codings of passages; (n, k)."""
    return np.array([[f in p.frames for f in codebook.frame_ids] for p in passages], bool)


def with_before(passages: Sequence[TrainingPassage] | Sequence[GoldRow]) -> Texts:
    """Pair each passage with the one before it in its document."""
    at = {(p.document, p.order): p.text for p in passages if p.document and p.order is not None}
    before = [
        at.get((p.document, p.order - 1), "") if p.document and p.order is not None else "" for p in passages
    ]
    return Texts([p.text for p in passages], before)


def score(
    name: str, material: Material, *, teacher: Path | None = None, kept: Path | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Cross-fit one candidate: logits of held-out passages (n, k + 1), of the gold (m, k + 1), and minutes.

    Genres are held out whole; the gold's logits are the mean of the folds' models. What was measured
    before on the same material is read from ``kept``.
    """
    kept, candidate = kept or KEPT, CANDIDATES[name]
    if candidate.sum_of:
        parts = [score(part, material, teacher=teacher, kept=kept) for part in candidate.sum_of]
        return np.sum([p[0] for p in parts], 0), np.sum([p[1] for p in parts], 0), sum(p[2] for p in parts)
    if candidate.score is None:
        raise ValueError(f"{name}: neither a score nor parts.")
    key = hashlib.sha256(f"{name}{candidate.said}{material.fingerprint}".encode()).hexdigest()[:16]
    path = kept / f"{key}.npz"
    if path.is_file():
        found = np.load(path)
        return found["held_out"], found["asked"], float(found["minutes"])
    texts, asked_texts = with_before(material.passages), with_before(material.gold)
    held_out = np.zeros((len(material.passages), len(material.codebook.frames) + 1))
    asked, started = [], time.monotonic()
    groups = np.array([p.genre for p in material.passages])
    for fold, (seen, rest) in enumerate(GroupKFold(FOLDS).split(groups, groups=groups), 1):
        left_out = set(groups[rest])
        planned = [p for p in material.planned if p.genre not in left_out]
        task = Task(
            codebook=material.codebook,
            texts=texts.take(seen.tolist()),
            labels=material.labels[seen],
            soft=material.soft[seen],
            planned=([p.text for p in planned], coded(planned, material.codebook)),
            ask=[texts.take(rest.tolist()), asked_texts],
            seed=1 if name == "second seed" else 0,
            teacher=teacher,
            told=_teller(f"{name}, fold {fold}"),
        )
        ours, theirs = candidate.score(task)
        held_out[rest] = ours
        asked.append(theirs)
    minutes = (time.monotonic() - started) / 60
    mean = np.mean(asked, 0)
    kept.mkdir(parents=True, exist_ok=True)
    np.savez(path, held_out=held_out, asked=mean, minutes=minutes)
    return held_out, mean, minutes


def judge(
    candidate: Candidate, held_out: NDArray[np.float64], asked: NDArray[np.float64], material: Material
) -> dict[str, Any]:
    """Calibrate and choose thresholds on the held-out genres, then measure there and on the gold."""
    labels = material.labels
    width = held_out.shape[1]
    head = make_head(np.zeros((width, 1)), np.zeros(width), held_out, labels)
    decided = [head.decide(held_out), head.decide(asked)]
    if candidate.gate:
        least = best_gate(head, held_out, labels)
        decided = [gated(codings, least) for codings in decided]
    ours, theirs = decided
    sets = Coded.of_sets(labels, ours.coded, ours.probabilities, range(len(labels)))
    own = measure(sets, material.codebook.frame_ids, resamples=1)
    real = evaluate(material.gold, theirs, material.codebook)
    keep = ("macro_f1", "any_frame_f1", "ece")
    return {
        "said": candidate.said,
        "held_out": {k: own[k] for k in keep} | {"average_precision": _mean_precision(own)},
        "real": {k: real[k] for k in keep}
        | {
            "average_precision": _mean_precision(real),
            "interval": real["intervals"]["macro_f1"],
            "alpha": real["alpha"]["mean"],
            "per_frame": {f: m["f1"] for f, m in real["per_frame"].items()},
        },
    }


def best_gate(head: Head, held_out: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Find the any-frame probability below which coding nothing gives the best any-frame F1, held out."""
    scores = head.probabilities(held_out)[:, -1]
    grid = np.linspace(0.2, 0.7, 51)
    gold = labels.any(1)
    f1 = [2 * (gold & (scores >= t)).sum() / (gold.sum() + (scores >= t).sum()) for t in grid]
    return float(grid[int(np.argmax(f1))])


def gated(codings: Codings, least: float) -> Codings:
    """Code nothing below ``least``, and at least the likeliest frame from there up."""
    through = codings.any_frame >= least
    likeliest = np.eye(codings.coded.shape[1], dtype=bool)[np.asarray(codings.probabilities.argmax(1))]
    coded = np.where(
        through[:, None], codings.coded | (likeliest & ~np.asarray(codings.coded.any(1))[:, None]), False
    )
    primary = np.where(coded.any(1), np.where(coded, codings.probabilities, -1).argmax(1), -1)
    return replace(codings, coded=coded, primary=primary.astype(np.int64))


def compare(
    material: Material,
    names: Sequence[str],
    *,
    share: float = 1.0,
    teacher: Path | None = None,
    path: Path = COMPARISON,
) -> dict[str, Any]:
    """Measure candidates on a share of the corpus's documents and write the table's figures.

    Lines measured before on the same material stay. Returns the whole table: for each share the number
    of passages and, by name, the lines.
    """
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if table.get("fingerprint") != material.fingerprint:
        table = {
            "fingerprint": material.fingerprint,
            "genres": len({p.genre for p in material.passages}),
            "gold": len(material.gold),
            "shares": {},
        }
    some = some_documents(material, share, draw=0)
    part = table["shares"].setdefault(str(share), {"passages": len(some.passages), "lines": {}})
    for name in names:
        if CANDIDATES[name].teacher and teacher is None:
            told.print(f"{name}: left out, no --teacher is named")
            continue
        held_out, asked, minutes = score(name, some, teacher=teacher)
        line = judge(CANDIDATES[name], held_out, asked, some) | {"minutes": round(minutes, 1)}
        part["lines"][name] = line
        path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        told.print(
            f"{name}: held-out genres {line['held_out']['macro_f1']:.3f}, real {line['real']['macro_f1']:.3f}, "
            f"any frame {line['real']['any_frame_f1']:.3f}, {minutes:.1f} minutes"
        )
    return table


def some_documents(material: Material, share: float, *, draw: int) -> Material:
    """Take the passages of a share of the corpus's documents, drawn at random."""
    if share == 1:
        return material
    documents = sorted({p.document or p.id for p in material.passages})
    among = set(np.random.default_rng(draw).permutation(documents)[: int(share * len(documents))].tolist())
    return replace(material, passages=[p for p in material.passages if (p.document or p.id) in among])


def _teller(what: str) -> Told:
    def tell(done: int, steps: int, loss: float) -> None:
        if not done % 100:
            told.print(f"{what}: {done} of {steps}, loss {loss:.3f}")

    return tell


def learning_curve(
    material: Material, name: str, *, draws: int, path: Path = COMPARISON, kept: Path | None = None
) -> list[dict[str, float]]:
    """Measure one candidate on growing shares of the corpus's documents, ``draws`` draws of each."""
    points = []
    for size in SIZES:
        for draw in range(draws if size < 1 else 1):
            some = some_documents(material, size, draw=draw)
            held_out, asked, _ = score(name, some, kept=kept)
            line = judge(CANDIDATES[name], held_out, asked, some)
            points.append(
                {"share": size, "passages": len(some.passages), "macro_f1": line["real"]["macro_f1"]}
            )
            told.print(f"{name} on {points[-1]['passages']} passages: real {points[-1]['macro_f1']:.3f}")
    table = json.loads(path.read_text(encoding="utf-8"))
    table.setdefault("learning_curve", {})[name] = points
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return points


def _mean_precision(measured: dict[str, Any]) -> float:
    return float(np.mean([m["average_precision"] for m in measured["per_frame"].values()]))


def main() -> None:
    """Run the comparison from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, required=True, help="coded passages, JSON Lines")
    parser.add_argument("--teacher", type=Path, help="a folder holding all-mpnet-base-v2")
    parser.add_argument("--only", nargs="*", choices=CANDIDATES, help="of the whole corpus, these lines only")
    parser.add_argument(
        "--half", nargs="*", choices=CANDIDATES, help="on half of its documents, these lines only"
    )
    parser.add_argument(
        "--curve", nargs="*", choices=CANDIDATES, default=[], help="draw learning curves of these"
    )
    parser.add_argument("--draws", type=int, default=3, help="draws of documents for each point of a curve")
    given = parser.parse_args()
    material = read_material(given.gold, load_codebook("nasem-2024"))
    for share, only in ((1.0, given.only), (HALF, given.half)):
        names = LINES[share] if only is None else only
        compare(material, names, share=share, teacher=given.teacher)
    for name in given.curve:
        learning_curve(material, name, draws=given.draws)


if __name__ == "__main__":
    main()
