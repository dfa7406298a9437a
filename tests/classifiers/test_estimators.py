from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers.contrastive import ContrastiveClassifier, overlap
from classifiers.embedding import EmbeddingClassifier
from classifiers.encoder import SentenceEncoder
from classifiers.finetuned import FinetunedClassifier
from classifiers.frame_model import MODELS
from classifiers.head import LinearHead
from classifiers.keyword import KeywordClassifier
from classifiers.label_aware import LabelAwareClassifier
from classifiers.tfidf import TfidfClassifier
from classifiers.tuning import batches_of_like_length, train_steps

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
    FinetunedClassifier(ENCODER, cues=("underrepresented", "waiver*"), terms=20, epochs=1, batch_size=6),
    ContrastiveClassifier(ENCODER, batch_size=6),
    SentenceEncoder(ENCODER),
]


# scikit-learn's checks feed tables of numbers: LinearHead, over vectors, goes through all of them. For
# estimators that take texts it runs those that ask nothing of the data, and warns that it leaves the rest.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([*ESTIMATORS, LinearHead()])
def test_scikit_learn_rules(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS[:5], ids=lambda e: type(e).__name__)
def test_fitted_estimators_give_a_probability_a_text_and_frame(estimator):
    fitted = estimator.fit(TEXTS, LABELS)
    assert fitted is estimator
    scores = fitted.predict_proba(TEXTS)
    assert scores.shape == LABELS.shape
    assert ((scores >= 0) & (scores <= 1)).all()
    assert np.array_equal(fitted.predict(TEXTS), (scores >= 0.5).astype(int))
    assert fitted.predict_proba([]).shape == (0, 2)


@pytest.mark.parametrize("estimator", ESTIMATORS[:5], ids=lambda e: type(e).__name__)
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


def test_words_are_added_to_the_tuned_encoder_as_one_linear_head():
    both = FinetunedClassifier(ENCODER, cues=("bus",), words_weight=2.0, epochs=1, batch_size=6).fit(
        TEXTS, LABELS
    )
    alone = FinetunedClassifier(ENCODER, epochs=1, batch_size=6).fit(TEXTS, LABELS)
    dimension = both.encoder_.dimension
    assert both.weight_.shape == (2, dimension + 1)
    assert np.allclose(both.weight_[:, :dimension], alone.weight_)  # words do not meddle with the tuning
    assert both.weight_[1, -1] > 0 > both.weight_[0, -1]


def test_soft_codings_pull_less_than_hard_ones():
    hard = FinetunedClassifier(ENCODER, epochs=2, batch_size=6).fit(TEXTS, LABELS)
    soft = FinetunedClassifier(ENCODER, epochs=2, batch_size=6).fit(TEXTS, 0.5 + (LABELS - 0.5) * 0.2)
    sure = [np.abs(c.predict_proba(TEXTS) - 0.5).mean() for c in (hard, soft)]
    assert sure[0] > sure[1] + 0.02


def test_the_label_aware_classifier_learns_from_definitions_and_wants_one_for_each_output():
    definitions = ("Girls and women are fewer among physicists", "Fees, buses and means to take part")
    coder = LabelAwareClassifier(ENCODER, definitions=definitions, epochs=6).fit(TEXTS, LABELS)
    assert (coder.predict(TEXTS) == LABELS).mean() > 0.8
    with pytest.raises(ValueError, match="2 outputs are coded, but 1 are defined"):
        LabelAwareClassifier(ENCODER, definitions=definitions[:1]).fit(TEXTS, LABELS)


def test_overlap_of_codings_is_jaccards_and_nothing_is_like_nothing():
    wanted = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    assert np.array_equal(overlap(np.array([[1, 1], [1, 0], [0, 0]])), wanted)


def test_training_steps_lower_the_loss_and_tell_of_each_step():
    import torch

    weight, heard = torch.nn.Parameter(torch.tensor([3.0])), []
    train_steps(
        [{"params": [weight], "lr": 0.2}],
        range(40),
        lambda _: (weight**2).sum(),
        told=lambda done, steps, loss: heard.append((done, steps, loss)),
    )
    assert [h[:2] for h in heard] == [(k, 40) for k in range(1, 41)]
    assert abs(weight.item()) < 0.5


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
