from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from classifiers.backends import BACKENDS, BackendError, choose_backend
from classifiers.batches import ROWS, STEP, fixed_batches
from classifiers.encoder import SentenceEncoder
from classifiers.frame_model import MODELS, load_model
from corpora.corpus import read_corpus
from tests.conftest import ROOT

ENCODER = MODELS / "default" / "encoder"
INSTALLED = [name for name, backend in BACKENDS.items() if backend.installed]
PRECISIONS = ("bfloat16", "float32")


@pytest.fixture(scope="module")
def texts():
    """Passages of every length, one longer than the window, and some that hold next to nothing."""
    several = [p.text for p in read_corpus()][::400]
    return ["", "x", "Fees.", *several, " ".join(several[:6])]


@pytest.fixture(scope="module", params=[(b, p) for b in INSTALLED for p in PRECISIONS], ids="-".join)
def encoder(request):
    backend, precision = request.param
    return SentenceEncoder(ENCODER, backend=backend, precision=precision).load()


@pytest.fixture(scope="module")
def reference():
    from classifiers.encoder import load_sentence_transformer

    return load_sentence_transformer(ENCODER).float()


def test_every_back_end_gives_the_references_vectors(encoder, reference, texts):
    wanted = reference.encode(texts)
    nearest = (encoder.transform(texts) * wanted).sum(1).min()
    assert nearest > (0.995 if encoder.precision_ == "bfloat16" else 0.999999)


def test_a_vector_is_the_same_to_the_bit_in_any_company(encoder, texts):
    together = encoder.transform(texts)
    rng = np.random.default_rng(0)
    for size in (1, 2, 5, len(texts)):
        some = rng.permutation(len(texts))[:size]
        assert np.array_equal(encoder.transform([texts[i] for i in some]), together[some])
    every_row = encoder.transform([texts[5]] * (ROWS + 1))
    assert (every_row == together[5]).all()


def test_tokens_vectors_are_the_same_to_the_bit_in_any_company(encoder, texts):
    together = encoder.token_vectors(texts[:9])
    for i in (8, 3, 0):
        (vectors, spans) = encoder.token_vectors([texts[i]])[0]
        assert np.array_equal(vectors, together[i][0])
        assert spans == together[i][1]


def test_the_number_of_threads_changes_no_bit_and_is_left_as_it_was(encoder, texts, monkeypatch):
    import torch

    before, alone = torch.get_num_threads(), encoder.transform(texts)
    monkeypatch.setattr("classifiers.batches.threads", lambda: 3)
    assert np.array_equal(encoder.transform(texts), alone)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("backend", INSTALLED)
def test_a_coding_is_the_same_to_the_bit_in_any_company(backend, texts):
    model = load_model(backend=backend)
    together = model.code(texts)
    rng = np.random.default_rng(1)
    for size in (1, 3, len(texts)):
        some = rng.permutation(len(texts))[:size]
        again = model.code([texts[i] for i in some])
        for name in ("probabilities", "any_frame", "coded", "primary", "needs_review", "familiar"):
            assert np.array_equal(getattr(again, name), getattr(together, name)[some]), name


def test_a_texts_length_alone_decides_its_shape():
    lengths = [3, 16, 17, 256, 5, 40, 6, 7, 8]
    batches = list(fixed_batches(lengths))
    assert sorted(i for _, places in batches for i in places) == list(range(len(lengths)))
    assert all(0 <= length - lengths[i] < STEP for length, places in batches for i in places)
    assert all(len(places) <= ROWS for _, places in batches)


def test_the_fastest_back_end_that_can_read_the_encoder_is_chosen(tmp_path, monkeypatch):
    assert choose_backend("auto", ENCODER) == INSTALLED[0]
    assert choose_backend("auto", tmp_path) == "sentence-transformers"  # no BERT is there
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "openvino" else True)
    assert choose_backend("auto", ENCODER) == "torch"
    with pytest.raises(BackendError, match=r"openvino is not installed.*equity-frames\[openvino\]"):
        choose_backend("openvino", ENCODER)
    with pytest.raises(BackendError, match="torch cannot run the encoder"):
        choose_backend("torch", tmp_path)
    with pytest.raises(BackendError, match=r"quick: no back end of that name\. There are: auto, openvino"):
        choose_backend("quick", ENCODER)


@pytest.mark.parametrize(
    ("backend", "spared"),
    [
        ("openvino", ("torch", "sentence_transformers", "openvino_telemetry.main")),
        ("torch", ("transformers", "sentence_transformers")),
    ],
)
def test_a_back_end_spares_the_slow_imports(backend, spared):
    if backend not in INSTALLED:
        pytest.skip(f"{backend} is not installed")
    code = (
        "import sys; from classifiers.frame_model import load_model; "
        f"load_model(backend={backend!r}).code(['Fees.']); print(*(m for m in {spared!r} if m in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert ran.stdout.strip() == ""


def test_the_keys_of_codings_and_embeddings_name_the_back_end_and_precision():
    models = [load_model(backend="torch", precision=p) for p in PRECISIONS]
    for keys in ({m.key for m in models}, {m.encoder_key for m in models}):
        assert len(keys) == 2
        assert all("torch 2." in key for key in keys)
