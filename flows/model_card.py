"""Write ``classifiers/MODEL_CARD.md`` and its pictures from the shipped model and what was measured of it.

``python -m flows.model_card --gold FILE`` (or ``make model-card``); figures are taken from the model's own
held-out codings, from ``classifiers/comparison.json`` and from coding the gold afresh, never typed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifiers.calibration import risk_coverage
from classifiers.evidence import deletion_effect
from classifiers.frame_model import DEFAULT_MODEL, MODELS, Codings, FrameModel, load_model
from classifiers.metrics import Coded, any_frame_f1, bootstrap, frame_f1, macro_f1, measure
from corpora.corpus import TrainingPassage, read_corpus
from flows.compare import coded
from flows.evaluate import evaluate
from flows.train import COMPARISON, HELD_OUT
from labels.codebook import Codebook, load_codebook
from labels.gold import GoldRow, read_gold
from pipeline.sentences import sentence_spans
from pipeline.write import write_text

ROOT = Path(__file__).parent.parent
CARD = ROOT / "classifiers" / "MODEL_CARD.md"
PICTURES = ROOT / "docs" / "images"
RESAMPLES = 500
FEWEST = 60  # passages a genre or kind needs for a line of its own
FAILURES = 3  # examples of each kind of error
DELETED = 300  # passages whose evidence is deleted


@dataclass(frozen=True)
class Measured:
    """Codings of one set of passages held against their gold, with what tells the passages apart."""

    name: str
    coded: Coded
    codings: Codings
    kinds: Sequence[str]
    genres: Sequence[str]


def held_out(model: FrameModel, passages: Sequence[TrainingPassage], codebook: Codebook) -> Measured:
    """Read how the corpus's judged passages were coded by models that never saw their genre."""
    table = pd.read_csv(MODELS / DEFAULT_MODEL / HELD_OUT, keep_default_na=False)
    by_id = {p.id: p for p in passages}
    rows = [by_id[name] for name in table["id"]]
    gold = coded(rows, codebook)
    probabilities = table[[f"p_{f}" for f in model.frames]].to_numpy(float)
    frames = [set(said.split()) for said in table["frames"]]
    codings = Codings(
        probabilities,
        table["p_any"].to_numpy(float),
        np.array([[f in said for f in model.frames] for said in frames], bool),
        np.full(len(rows), -1),
        table["needs_review"].to_numpy(bool),
    )
    return Measured(
        "genres held out of training",
        Coded.of_sets(gold, codings.coded, codings.probabilities, [p.document or p.id for p in rows]),
        codings,
        [p.kind for p in rows],
        [p.genre for p in rows],
    )


def on_gold(model: FrameModel, rows: Sequence[GoldRow], codebook: Codebook) -> Measured:
    """Code gold rows afresh."""
    gold = np.array([[f in r.frames for f in codebook.frame_ids] for r in rows], bool)
    codings = model.code([r.text for r in rows])
    return Measured(
        "real passages",
        Coded.of_sets(gold, codings.coded, codings.probabilities, [r.document or r.id for r in rows]),
        codings,
        [r.kind or "other" for r in rows],
        ["" for _ in rows],
    )


def frame_lines(measured: Measured, codebook: Codebook) -> list[dict[str, Any]]:
    """Precision, recall, F1 with its 90% interval, average precision and support of each frame."""
    plain = measure(measured.coded, codebook.frame_ids, resamples=1)["per_frame"]
    every = {f: partial(frame_f1, frame=k) for k, f in enumerate(codebook.frame_ids)}
    intervals = bootstrap(measured.coded, every, resamples=RESAMPLES, seed=0)
    return [{"name": f.name, "interval": intervals[f.id], **plain[f.id]} for f in codebook.frames]


def part_lines(measured: Measured, parts: Sequence[str]) -> list[dict[str, Any]]:
    """Macro-F1 and any-frame F1 with intervals for each part (kind or genre) with enough passages."""
    wanted: dict[str, Callable[[Coded], float]] = {"macro_f1": macro_f1, "any_frame_f1": any_frame_f1}
    lines = []
    for part in sorted(set(parts)):
        rows = np.flatnonzero(np.asarray(parts) == part)
        if len(rows) < FEWEST:
            continue
        some = measured.coded.take(rows)
        intervals = bootstrap(some, wanted, resamples=RESAMPLES, seed=0)
        lines.append(
            {
                "name": part,
                "n": len(rows),
                **{name: (function(some), *intervals[name]) for name, function in wanted.items()},
            }
        )
    return lines


def failures(
    measured: Measured, passages: Sequence[TrainingPassage], table_ids: Sequence[str], codebook: Codebook
) -> list[dict[str, Any]]:
    """Find the surest errors on held-out authored passages, both ways, for each frame."""
    by_id = {p.id: p for p in passages}
    found = []
    for k, frame in enumerate(codebook.frames):
        gold, said = measured.coded.gold[:, k], measured.coded.coded[:, k]
        sure = measured.coded.probabilities[:, k]
        for what, wrong, order in (
            ("coded, though the readers did not", said & ~gold, -sure),
            ("missed, though the readers coded it", gold & ~said, sure),
        ):
            rows = np.flatnonzero(wrong)
            rows = rows[np.argsort(order[rows], kind="stable")][:FAILURES]
            found += [
                {"frame": frame.name, "what": what, "text": by_id[table_ids[i]].text, "p": float(sure[i])}
                for i in rows.tolist()
            ]
    return found


def evidence_lines(
    model: FrameModel, passages: Sequence[TrainingPassage], codebook: Codebook
) -> dict[str, float]:
    """Measure how far the probability falls without the evidence, and without something else of its size."""
    several = [(p, sentence_spans(p.text)) for p in passages if p.frames]
    chosen = [(p, spans) for p, spans in several if len(spans) >= 3]
    step = max(1, len(chosen) // DELETED)
    chosen = chosen[::step][:DELETED]
    return deletion_effect(
        model,
        [p.text for p, _ in chosen],
        coded([p for p, _ in chosen], codebook),
        [spans for _, spans in chosen],
        seed=0,
    )


def draw(
    measured: Sequence[Measured],
    codebook: Codebook,
    thresholds: NDArray[np.float64],
    comparison: dict[str, Any],
    folder: Path,
) -> None:
    """Draw reliability, risk against coverage, and the learning curve."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    plt.rcParams["font.size"] = 9
    plt.rcParams["axes.spines.top"] = plt.rcParams["axes.spines.right"] = False
    figure, axes = plt.subplots(
        1, len(measured), figsize=(4 * len(measured), 3.8), sharey=True, squeeze=False
    )
    markers = "osD^vP"
    for axis, one in zip(axes[0], measured, strict=True):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        for k, frame in enumerate(codebook.frames):
            p, gold = one.coded.probabilities[:, k], one.coded.gold[:, k]
            place = np.minimum((p * 5).astype(int), 4)
            bins = [b for b in range(5) if (place == b).sum() >= 10]
            axis.plot(
                [p[place == b].mean() for b in bins],
                [gold[place == b].mean() for b in bins],
                marker=markers[k % len(markers)],
                markersize=4,
                color=frame.colour,
                label=frame.name,
            )
        axis.set(
            title=one.name[0].upper() + one.name[1:], xlabel="probability given", xlim=(0, 1), ylim=(0, 1)
        )
    axes[0][0].set_ylabel("share coded so by the readers")
    axes[0][0].legend(frameon=False, fontsize=7)
    _save(figure, folder / "reliability.png")

    figure, axis = plt.subplots(figsize=(5, 3.4))
    for one, line in zip(measured, ("-", "--"), strict=False):
        curve = risk_coverage(one.codings, thresholds, one.coded.gold)
        axis.plot(
            curve["coverage"], curve["risk"], line, marker="o", markersize=3, color="#1b4965", label=one.name
        )
    axis.set(xlabel="share of passages coded, the surest first", ylabel="share coded wrongly", ylim=(0, None))
    axis.legend(frameon=False)
    _save(figure, folder / "risk-coverage.png")

    if learning := comparison.get("learning_curve"):
        figure, axis = plt.subplots(figsize=(5, 3.4))
        for (name, points), line in zip(learning.items(), ("-", "--"), strict=False):
            shares = sorted({p["share"] for p in points})
            at = [[p for p in points if p["share"] == share] for share in shares]
            means = [[np.mean([p[what] for p in some]) for some in at] for what in ("passages", "macro_f1")]
            axis.plot(*means, line, marker="o", markersize=3, color="#1b4965", label=name)
            axis.scatter([p["passages"] for p in points], [p["macro_f1"] for p in points], s=6, color="0.6")
        axis.set(xlabel="plainly written passages", ylabel="macro-F1 on real passages", xlim=(0, None))
        axis.legend(frameon=False)
        _save(figure, folder / "learning-curve.png")


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    figure.clf()


def write_card(gold: Path, *, card: Path = CARD, pictures: Path = PICTURES) -> None:
    """Measure the shipped model and write the card and its pictures."""
    codebook = load_codebook("nasem-2024")
    model = load_model()
    passages = read_corpus(frames=codebook.frame_ids)
    rows = read_gold(gold, codebook)
    authored, real = held_out(model, passages, codebook), on_gold(model, rows, codebook)
    comparison = json.loads(COMPARISON.read_text(encoding="utf-8"))
    draw([authored, real], codebook, model.head.thresholds, comparison, pictures)
    ids = pd.read_csv(MODELS / DEFAULT_MODEL / HELD_OUT, usecols=["id"])["id"].tolist()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # noqa: S701 -- Markdown from our own figures
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["f2"] = lambda x: f"{x:.2f}"
    environment.filters["f3"] = lambda x: f"{x:.3f}"
    text = environment.get_template("model_card.md.j2").render(
        model=model,
        codebook=codebook,
        card=model.card,
        thresholds=dict(zip([f.name for f in codebook.frames], model.head.thresholds.tolist(), strict=True)),
        sets=[
            {
                "name": one.name,
                "n": len(one.kinds),
                "frames": frame_lines(one, codebook),
                "kinds": part_lines(one, one.kinds),
                "genres": part_lines(one, one.genres) if any(one.genres) else [],
                "risk": risk_coverage(one.codings, model.head.thresholds, one.coded.gold),
                "measured": measure(one.coded, codebook.frame_ids, resamples=RESAMPLES),
            }
            for one in (authored, real)
        ],
        gold=evaluate(rows, real.codings, codebook),
        comparison=comparison,
        evidence=evidence_lines(model, passages, codebook),
        failures=failures(authored, passages, ids, codebook),
    )
    write_text(text, card)


def main() -> None:
    """Write the card from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, required=True, help="coded passages, JSON Lines")
    write_card(parser.parse_args().gold)


if __name__ == "__main__":
    main()
