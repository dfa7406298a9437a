"""Evidence: which sentence carries a frame, and which words in it moved the coding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
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
    places = np.flatnonzero(coded.any(1)).tolist() if len(texts) else []
    framed = [texts[i] for i in places]
    terms = model.terms.transform(framed)
    found: list[tuple[FoundEvidence, ...]] = [()] * len(texts)
    for row, (i, (vectors, spans)) in enumerate(
        zip(places, model.encoder.token_vectors(framed), strict=True)
    ):
        text = texts[i]
        words = _words_of(model, text, spans, terms[[row]])
        here = []
        for frame in np.flatnonzero(coded[i]):
            start, end = sentences[i][int(drops[i][:, frame].argmax())] if sentences[i] else (0, len(text))
            pulls = words.pulls(vectors, model.head.weight[frame])
            here.append(FoundEvidence(int(frame), start, end, _strongest(text, (start, end), words, pulls)))
        found[i] = tuple(here)
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
                m.span() for m in _WORD.finditer(text, evidence.start, evidence.end) if _tells(m.group())
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


@dataclass(frozen=True)
class _Words:
    """The words of a text, and what of the model's features stands at each.

    ``first`` and ``last``: each word's tokens among ``tokens``, the numbers of those that stand for text.
    Of each cue and term found: ``at``, the word; ``column``, behind the encoder's; ``value``.
    """

    spans: list[Span]
    tokens: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    at: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.float64]

    def pulls(self, vectors: NDArray[np.float32], weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far each word pulls an output up, NaN for one without tokens; (words,).

        ``weight`` holds the output's weights. A token counts 1 / n in the mean of ``vectors`` (n, dimension), a
        cue or term counts whole; all is said times n.
        """
        dimension = vectors.shape[1]
        pull = vectors @ weight[:dimension]
        sums = np.concatenate([[0.0], np.cumsum(pull[self.tokens])])
        many = (self.last - self.first).astype(float)
        many[many <= 0] = np.nan
        features = np.zeros(len(self.spans))
        np.add.at(features, self.at, weight[dimension:][self.column] * self.value * len(vectors))
        # What every token gives is no reason to point at one of them.
        return np.asarray((sums[self.last] - sums[self.first]) / many - pull.mean() + features, float)


def _words_of(model: FrameModel, text: str, token_spans: Sequence[Span], terms: csr_matrix) -> _Words:
    """Lay out a text's words over its tokens, and find the cues and single-word terms (``terms``: its row)."""
    matches = list(_WORD.finditer(text))
    spans = [match.span() for match in matches]
    starts, ends = np.array(spans, int).reshape(-1, 2).T
    tokens = np.array([j for j, (a, b) in enumerate(token_spans) if b > a], int)
    token_starts, token_ends = np.array([token_spans[j] for j in tokens], int).reshape(-1, 2).T
    hits: list[tuple[int, int, float]] = []
    for cue, a, b in model.cues.spans(text):
        inside = range(int(np.searchsorted(ends, a, "right")), int(np.searchsorted(starts, b)))
        hits += [(word, cue, model.cues.scale) for word in inside]
    cues = len(model.cues.phrases)
    values = dict(zip(terms.indices.tolist(), terms.data.tolist(), strict=True))
    for word, match in enumerate(matches):
        column = model.terms.columns_.get(match.group().lower(), -1)
        if column in values:
            hits.append((word, cues + column, values[column]))
    at, columns, scales = zip(*hits, strict=True) if hits else ((), (), ())
    return _Words(
        spans,
        tokens,
        np.searchsorted(token_ends, starts, "right"),
        np.searchsorted(token_starts, ends),
        np.array(at, int),
        np.array(columns, int),
        np.array(scales, float),
    )


def _strongest(text: str, sentence: Span, words: _Words, pulls: NDArray[np.float64]) -> tuple[str, ...]:
    """Return the content words of a sentence that pull up, strongest first."""
    scored = [
        (-pull, start, text[start:end])
        for (start, end), pull in zip(words.spans, pulls.tolist(), strict=True)
        if pull > 0 and sentence[0] <= start and end <= sentence[1] and _tells(text[start:end])
    ]
    return tuple(dict.fromkeys(word for *_, word in sorted(scored)))[:WORDS_SHOWN]


def _tells(word: str) -> bool:
    return len(word) >= 3 and word.lower() not in ENGLISH_STOP_WORDS
