from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from classifiers.frame_model import MODELS, ModelError, load_model, model_hash, read_card, save_model

TEXT = ["Girls enrol in physics at half the rate of boys; the plan is to halve that difference by 2027."]


@pytest.fixture(scope="module")
def model():
    return load_model(precision="float32")


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(MODELS / "default", tmp_path / "model")
    return tmp_path / "model"


def test_the_shipped_model_is_the_codebooks(model, codebook):
    assert model.frames == codebook.frame_ids
    assert model.card["codebook"] == {"id": codebook.id, "version": codebook.version, "hash": codebook.hash}


def test_the_shipped_model_fits_the_package(model):
    size = sum(p.stat().st_size for p in (MODELS / "default").rglob("*") if p.is_file())
    assert size < 60e6


def test_a_saved_model_codes_as_before(model, tmp_path):
    save_model(model, tmp_path / "again")
    again = load_model(tmp_path / "again", precision="float32")
    assert np.allclose(again.code(TEXT).probabilities, model.code(TEXT).probabilities, atol=0.02)
    assert again.head.thresholds.tolist() == model.head.thresholds.tolist()


@pytest.mark.parametrize("name", ["head.safetensors", "encoder/config.json", "encoder/model.safetensors"])
def test_a_changed_file_is_noticed(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match=f"{path.name}: the file is not the one the model was made with"):
        load_model(copy)


def test_a_missing_file_is_noticed(copy):
    (copy / "encoder" / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json: this file of the model is missing"):
        load_model(copy)


def test_an_unknown_model_names_those_there_are(tmp_path):
    with pytest.raises(ModelError, match="Models that come with the program: default"):
        load_model(tmp_path / "none")


@pytest.mark.parametrize(
    ("card", "match"), [("{", "cannot be read"), ('{"format": 99}', "holds 99"), ("[]", "list")]
)
def test_a_card_of_another_kind_is_refused(copy, card, match):
    (copy / "model.json").write_text(card, encoding="utf-8")
    with pytest.raises(ModelError, match=match):
        load_model(copy)


def test_the_models_hash_follows_its_files(copy):
    _, card = read_card(copy)
    before = model_hash(card)
    card["files"]["head.safetensors"] = "0" * 64
    assert model_hash(card) != before
    assert before == model_hash(json.loads((copy / "model.json").read_text(encoding="utf-8")))
