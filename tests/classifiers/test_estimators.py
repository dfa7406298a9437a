from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers.embedding import EmbeddingClassifier
from classifiers.encoder import SentenceEncoder
from classifiers.finetuned import FinetunedClassifier, batches_of_like_length
from classifiers.frame_model import MODELS
from classifiers.head import LinearHead
from classifiers.keyword import KeywordClassifier
from classifiers.tfidf import TfidfClassifier

ENCODER = MODELS / "default" / "encoder"
TEXTS = [
    "Girls enrol in physics at half the rate of boys, and the plan is to close that difference.",
    "The district buys a bus so that pupils from the valley can stay for the laboratory.",
    "The board approved the minutes of the last meeting and adjourned at nine.",
    "Women are underrepresented among engineering graduates and the college will recruit more.",
    "Fee waivers let families who could not pay join the summer camp.",
    "The water cycle has four stages, and pupils label each of them on a chart.",
] * 3
LABELS = np.array([[1, 0], [0, 1], [0, 0], [1, 0], [0, 1], [0, 0]] * 3)
ESTIMATORS = [
    KeywordClassifier({"gaps": ["underrepresented", "half the rate"], "access": ["waiver*", "bus"]}),
    TfidfClassifier(min_df=1),
    EmbeddingClassifier(ENCODER, cues=("underrepresented", "waiver*"), terms=20),
    FinetunedClassifier(ENCODER, epochs=1, batch_size=6),
    SentenceEncoder(ENCODER),
]


# scikit-learn's checks feed tables of numbers: LinearHead, over vectors, goes through all of them. For
# estimators that take texts it runs those that ask nothing of the data, and warns that it leaves the rest.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([*ESTIMATORS, LinearHead()])
def test_scikit_learn_rules(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS[:4], ids=lambda e: type(e).__name__)
def test_fitted_estimators_give_a_probability_a_text_and_frame(estimator):
    fitted = estimator.fit(TEXTS, LABELS)
    assert fitted is estimator
    scores = fitted.predict_proba(TEXTS)
    assert scores.shape == LABELS.shape
    assert ((scores >= 0) & (scores <= 1)).all()
    assert np.array_equal(fitted.predict(TEXTS), (scores >= 0.5).astype(int))
    assert fitted.predict_proba([]).shape == (0, 2)


@pytest.mark.parametrize("estimator", ESTIMATORS[:3], ids=lambda e: type(e).__name__)
def test_easy_texts_are_told_apart(estimator):
    assert (estimator.fit(TEXTS, LABELS).predict(TEXTS) == LABELS).mean() > 0.9


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_one_text_instead_of_a_list_is_refused(estimator):
    with pytest.raises(TypeError, match="Put it in a list"):
        estimator.fit("one text", LABELS[:1])


@pytest.mark.parametrize(
    ("labels", "match"),
    [(LABELS[:, 0], "one column a frame"), (LABELS[:4], "18 texts"), (LABELS * 2, "0 or 1 in every cell")],
)
def test_codings_of_another_shape_are_refused(labels, match):
    with pytest.raises(ValueError, match=match):
        TfidfClassifier(min_df=1).fit(TEXTS, labels)


def test_a_frame_that_nothing_or_everything_carries_gets_a_constant():
    vectors = np.random.default_rng(0).normal(size=(12, 4))
    labels = np.column_stack([np.zeros(12), np.ones(12), np.arange(12) % 2]).astype(int)
    head = LinearHead().fit(vectors, labels)
    assert not head.weight_[:2].any()
    assert head.weight_[2].any()
    assert head.bias_[0] < -10 < 10 < head.bias_[1]
    assert np.array_equal(head.decision_function(vectors) >= 0, head.predict(vectors) == 1)


def test_batches_hold_every_text_once_and_like_lengths_together():
    lengths = list(np.random.default_rng(0).integers(5, 200, 500))
    batches = batches_of_like_length(lengths, 16, np.random.default_rng(1))
    assert sorted(i for b in batches for i in b) == list(range(500))
    spread = np.mean([np.ptp([lengths[i] for i in b]) for b in batches])
    assert spread < 0.25 * np.ptp(lengths)


def test_an_encoder_folder_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="nowhere: no encoder folder"):
        SentenceEncoder("nowhere").load()


def test_an_encoding_does_not_depend_on_the_company_beyond_rounding():
    encoder = SentenceEncoder(ENCODER, precision="float32").load()
    alone = encoder.transform(TEXTS[:1])
    together = encoder.transform(TEXTS[:6])[:1]
    assert np.allclose(alone, together, atol=1e-5)


def test_token_vectors_lie_in_the_text_and_average_to_the_text_vector():
    encoder = SentenceEncoder(ENCODER, precision="float32").load()
    (vectors, spans), *_ = encoder.token_vectors(TEXTS[:2])
    assert len(vectors) == len(spans)
    words = [TEXTS[0][a:b] for a, b in spans if b > a]
    assert words[0] == "Girls"
    mean = vectors.mean(0)
    assert float(mean @ encoder.transform(TEXTS[:1])[0] / np.linalg.norm(mean)) == pytest.approx(1, abs=1e-3)
