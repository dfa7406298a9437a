"""Evidence: which sentence carries a frame, and which words in it moved the coding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from classifiers.frame_model import FrameModel

WORDS_SHOWN = 5
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

Span = tuple[int, int]


@dataclass(frozen=True)
class FoundEvidence:
    """The evidence for one frame of one text: ``text[start:end]`` is the sentence.

    ``frame`` is the frame's number; ``words`` are those that pushed the coding up the most,
    strongest first, as they stand in the text.
    """

    frame: int
    start: int
    end: int
    words: tuple[str, ...]


def find_evidence(
    model: FrameModel, texts: Sequence[str], coded: NDArray[np.bool_], sentences: Sequence[Sequence[Span]]
) -> list[tuple[FoundEvidence, ...]]:
    """Find the evidence for every coded frame of each text.

    ``coded`` is (n texts, n frames); ``sentences`` gives each text's sentence spans. The
    sentence is the one without which the frame's score falls most (the text is coded again
    without each sentence). The words are those whose tokens add most to that score: the
    encoder averages token vectors and the head is linear, so the score is a sum over tokens, and
    over the cues, which count for the words they are made of.
    """
    drops = _sentence_drops(model, texts, sentences)
    places = [i for i in range(len(texts)) if coded[i].any()]
    tokens = dict(zip(places, model.encoder.token_vectors([texts[i] for i in places]), strict=True))
    found: list[tuple[FoundEvidence, ...]] = []
    for i, text in enumerate(texts):
        here = []
        for frame in np.flatnonzero(coded[i]):
            start, end = sentences[i][int(drops[i][:, frame].argmax())] if sentences[i] else (0, len(text))
            vectors, spans = tokens[i]
            weight = model.head.weight[frame]
            pull = vectors @ weight[: vectors.shape[1]]
            hits = _feature_hits(model, text, weight[vectors.shape[1] :] * len(vectors))
            words = _strongest_words(text, (start, end), spans, pull, hits)
            here.append(FoundEvidence(int(frame), start, end, words))
        found.append(tuple(here))
    return found


def deletion_effect(
    model: FrameModel,
    texts: Sequence[str],
    coded: NDArray[np.bool_],
    sentences: Sequence[Sequence[Span]],
    *,
    seed: int = 0,
) -> dict[str, float]:
    """Measure how far a frame's probability falls without its evidence, and without something else.

    Mean falls over every coded frame of ``texts``: ``sentence`` and ``other_sentence`` (drawn among the
    rest), ``words`` and ``other_words`` (as many, drawn among the other content words of that sentence);
    and ``n``, how many pairs of text and frame there were. Source: the comprehensiveness of DeYoung et
    al. (ACL 2020), with a random choice to compare with.
    """
    rng = np.random.default_rng(seed)
    variants: list[list[str]] = []  # of each: whole, and without the sentence, another, the words, others
    frames: list[int] = []
    for text, spans, found in zip(
        texts, sentences, find_evidence(model, texts, coded, sentences), strict=True
    ):
        for evidence in found:
            others = [s for s in spans if s != (evidence.start, evidence.end)]
            content = [
                m.span()
                for m in _WORD.finditer(text, evidence.start, evidence.end)
                if m.group().lower() not in ENGLISH_STOP_WORDS and len(m.group()) >= 3
            ]
            told = [s for s in content if text[s[0] : s[1]] in evidence.words]
            rest = [s for s in content if s not in told]
            if not others or not told or len(rest) < len(told):
                continue
            drawn = [rest[i] for i in rng.choice(len(rest), len(told), replace=False)]
            other = others[int(rng.integers(len(others)))]
            cuts: tuple[list[Span], ...] = ([], [(evidence.start, evidence.end)], [other], told, drawn)
            variants.append([_without(text, cut) for cut in cuts])
            frames.append(evidence.frame)
    if not frames:
        raise ValueError("No text has a coded frame, another sentence and enough words to compare with.")
    scores = np.array([model.code(column).probabilities for column in zip(*variants, strict=True)])
    of_frame = scores[:, np.arange(len(frames)), frames]
    falls = (of_frame[0] - of_frame[1:]).mean(1)
    names = ("sentence", "other_sentence", "words", "other_words")
    return {"n": float(len(frames)), **dict(zip(names, map(float, falls), strict=True))}


def _without(text: str, spans: Sequence[Span]) -> str:
    """Cut spans out of a text."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text.strip()


def _sentence_drops(
    model: FrameModel, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
) -> list[NDArray[np.float64]]:
    """How far each frame's score falls without each sentence; (sentences, frames) a text."""
    frames = len(model.frames)
    shortened, owner = [], []
    for i, spans in enumerate(sentences):
        if len(spans) > 1:  # a lone sentence carries the frame whatever its score
            for start, end in spans:
                shortened.append((texts[i][:start] + texts[i][end:]).strip())
                owner.append(i)
    logits = model.logits(shortened)[:, :frames] if shortened else np.zeros((0, frames))
    owners = np.asarray(owner, int)
    return [
        -logits[owners == i] if len(spans) > 1 else np.zeros((1, frames)) for i, spans in enumerate(sentences)
    ]


def _feature_hits(model: FrameModel, text: str, weight: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """Where cues and single-word terms stand in a text and what each adds to the score.

    ``weight`` holds the output's weights of cues and terms, times the number of tokens: a token
    counts 1 / n in the mean, a cue or term counts whole.
    """
    cues = len(model.cues.phrases)
    hits = [(a, b, float(weight[n]) * model.cues.scale) for n, a, b in model.cues.spans(text)]
    row = model.terms.transform([text])
    values = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
    for match in _WORD.finditer(text):
        column = model.terms.columns_.get(match.group().lower(), -1)
        if column in values:
            hits.append((match.start(), match.end(), float(weight[cues + column]) * values[column]))
    return hits


def _strongest_words(
    text: str,
    sentence: Span,
    spans: Sequence[Span],
    pull: NDArray[np.float64],
    hits: Sequence[tuple[int, int, float]],
) -> tuple[str, ...]:
    """Sum the tokens' pull word by word within the sentence; the words that pull up, strongest first."""
    centre = float(pull.mean())  # what every token gives is no reason to point at one of them
    scored = []
    for match in _WORD.finditer(text, *sentence):
        word = match.group()
        if word.lower() in ENGLISH_STOP_WORDS or len(word) < 3:
            continue
        inside = [j for j, (a, b) in enumerate(spans) if a < match.end() and b > match.start()]
        cue = sum(value for a, b, value in hits if a < match.end() and b > match.start())
        if inside:
            scored.append((float(np.mean(pull[inside])) - centre + cue, match.start(), word))
    scored.sort(key=lambda s: (-s[0], s[1]))
    words = (word for score, _, word in scored if score > 0)
    return tuple(dict.fromkeys(words))[:WORDS_SHOWN]
