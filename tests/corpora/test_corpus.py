from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from classifiers.encoder import SentenceEncoder
from classifiers.training import base_encoder
from corpora.corpus import CorpusError, read_corpus
from corpora.counts import count, describe

ALIKE = 0.80  # the cosine of two passages' words and pairs of words from which they are nearly the same
MANY = 1_000  # passages a word may be in before it counts as common
RUN = 8  # words in a row that two people do not write alike by chance
STOCK = (
    "race color",
    "students with disabilities",
    "science technology engineering",
)  # the trade's own formulas


@pytest.fixture(scope="module")
def corpus(codebook):
    return read_corpus(frames=codebook.frame_ids)


@pytest.fixture(scope="module")
def counts(corpus):
    return count(corpus)


def test_every_passage_has_a_kind_a_genre_and_words(corpus):
    assert {p.kind for p in corpus} <= {"curriculum", "policy", "program"}
    assert all(10 <= len(p.text.split()) <= 200 for p in corpus)
    assert all(p.primary in p.frames if p.frames else p.primary is None for p in corpus)
    assert all(p.hard is None or not p.frames for p in corpus)


def test_the_corpus_is_as_large_and_as_mixed_as_it_says(counts, codebook):
    assert counts.passages >= 6000
    assert len(counts.genres) >= 12
    assert min(counts.genres.values()) >= 350
    assert set(counts.frames) == set(codebook.frame_ids)
    assert min(counts.frames.values()) >= 700
    assert counts.several_frames >= 800
    assert counts.without_frame >= 2400
    assert counts.hard_without_frame >= 1200
    assert counts.pairs >= 500
    for call in codebook.close_calls:
        for side in "+-":
            assert counts.calls.get(call.id + side, 0) >= 30, call.id
    assert f"{counts.passages:,} passages" in describe(counts)


def test_pairs_are_pairs_of_two_codings(corpus):
    sizes = Counter(p.pair for p in corpus if p.pair)
    assert set(sizes.values()) == {2}


def test_no_two_passages_are_nearly_the_same_but_contrast_pairs(corpus):
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform([p.text for p in corpus])
    # Words that are everywhere would fill the product. They add at most the product of their parts' lengths,
    # so that only pairs whose other words come near enough need be looked at whole.
    common = np.bincount(vectors.indices, minlength=vectors.shape[1]) > MANY
    rare, lengths = vectors[:, ~common], sparse.linalg.norm(vectors[:, common], axis=1)
    assert lengths.max() ** 2 <= ALIKE  # without rare words in common none is alike
    alike = []
    for first in range(0, len(corpus), 1000):
        near = (rare[first : first + 1000] @ rare.T).tocoo()
        one, other = near.row + first, near.col
        possible = (one < other) & (near.data + lengths[one] * lengths[other] > ALIKE)
        for i, j in zip(one[possible], other[possible], strict=True):
            value = float(vectors[i].multiply(vectors[j]).sum())
            if value > ALIKE and (corpus[i].pair is None or corpus[i].pair != corpus[j].pair):
                alike.append((corpus[i].id, corpus[j].id, round(value, 2)))
    assert alike == []


@pytest.mark.slow
def test_no_two_passages_mean_nearly_the_same_and_none_what_a_real_one_does(corpus, real):
    """By the published encoder's vectors: minutes, since it reads the whole corpus."""
    encoder = SentenceEncoder(base_encoder()).load()
    gold = [json.loads(line) for line in (real / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    vectors = encoder.transform([p.text for p in corpus])
    assert (vectors @ encoder.transform([r["text"] for r in gold]).T).max() <= 0.80
    alike = []
    for first in range(0, len(corpus), 1000):
        for i, j in zip(*np.nonzero(vectors[first : first + 1000] @ vectors.T > 0.92), strict=True):
            one, other = corpus[first + int(i)], corpus[int(j)]
            if one.id < other.id and (one.pair is None or one.pair != other.pair):
                alike.append((one.id, other.id))
    assert alike == []


def test_texts_open_in_many_ways_and_use_many_words(corpus):
    for genre in {p.genre for p in corpus}:
        texts = [p.text.lower().split() for p in corpus if p.genre == genre]
        openings = Counter(" ".join(words[:3]) for words in texts)
        assert openings.most_common(1)[0][1] <= 0.04 * len(texts), (genre, openings.most_common(3))
        vocabulary = {w.strip(".,;:()\"'") for words in texts for w in words}
        assert len(vocabulary) >= 3000, genre


def test_no_passage_shares_a_run_of_words_with_the_real_material(corpus, real):
    def runs(text):
        words = re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))
        return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}

    seen = set()
    for path in real.rglob("*"):
        if path.suffix in {".jsonl", ".csv", ".md", ".txt"} and path.name != "README.md":
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                seen |= runs(line)
    shared = {p.id: r for p in corpus for r in runs(p.text) & seen if not any(s in r for s in STOCK)}
    assert shared == {}


def test_lengths_are_spread_like_those_of_real_passages(corpus, real):
    gold = [json.loads(line) for line in (real / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    ours, theirs = (np.percentile([len(t.split()) for t in texts], [10, 50, 90])
                    for texts in ([p.text for p in corpus], [r["text"] for r in gold]))  # fmt: skip
    assert all(0.6 <= a / b <= 1.5 for a, b in zip(ours, theirs, strict=True)), (ours, theirs)


def test_documents_of_the_corpus_are_in_order(corpus):
    places = [(p.document, p.order) for p in corpus if p.document]
    assert all(a[1] < b[1] for a, b in pairwise(places) if a[0] == b[0])


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("{", "line 2: expected an object with id, text and frames"),
        ('{"id": "x", "text": "Words."}', "line 2: expected an object"),
        (
            '{"id": "x", "text": "Words.", "frames": ["gap"]}',
            "line 2: unknown frame gap. The codebook has gaps",
        ),
        (
            '{"id": "x", "text": "Words.", "frames": ["gaps"], "primary": "access"}',
            "primary frame access is not among",
        ),
        ('{"id": "a", "text": "Words.", "frames": []}', "the id a is there twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, codebook, line, match):
    path = tmp_path / "genre.jsonl"
    path.write_text('{"id": "a", "text": "Words.", "frames": []}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=re.escape(match)):
        read_corpus(tmp_path, frames=codebook.frame_ids)
