"""Where a tiny decoder is looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sketchdesk.library.models.tiny_decoder import find_tiny_decoder
from sketchdesk.library.paths import models_dir


def write(folder: Path, **config: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    write(folder / "unet", cross_attention_dim=768)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    return folder


def test_a_models_own_comes_before_one_in_the_data_folder(model: Path) -> None:
    assert find_tiny_decoder(model) is None
    write(models_dir() / "another", _class_name="UNet2DConditionModel")
    (models_dir() / "broken").mkdir()
    shared = write(models_dir() / "taesd", _class_name="AutoencoderTiny")
    assert find_tiny_decoder(model) == shared
    own = write(model / "tiny_decoder", _class_name="AutoencoderTiny")
    assert find_tiny_decoder(model) == own


def test_a_model_with_latents_of_its_own_takes_none_from_the_data_folder(model: Path) -> None:
    write(models_dir() / "taesd", _class_name="AutoencoderTiny")
    (model / "unet" / "config.json").write_text(json.dumps({"cross_attention_dim": 128}))
    assert find_tiny_decoder(model) is None


def test_one_in_the_hubs_cache_is_found(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    cached = tmp_path / "hub" / "models--madebyollin--taesd" / "snapshots" / "1"
    write(cached, _class_name="AutoencoderTiny")
    assert find_tiny_decoder(model) == cached


@pytest.mark.parametrize(("name", "told"), [("taesdxl", ""), ("madebyollin--TAESDXL", ""), ("mine", "some/taesdxl")])
def test_one_that_says_it_is_for_xl_is_passed_over(model: Path, name: str, told: str) -> None:
    write(models_dir() / name, _class_name="AutoencoderTiny", _name_or_path=told)
    assert find_tiny_decoder(model) is None
    fitting = write(models_dir() / "taesd", _class_name="AutoencoderTiny", _name_or_path="/xl/taesd")
    assert find_tiny_decoder(model) == fitting
