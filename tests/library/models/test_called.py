"""A model is found by its repository, by the name a list shows, and by its file's name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.hub.manifest import Manifest, manifest_path, write_manifest
from sketchdesk.library.models.installed import locate, resolve_model
from sketchdesk.library.paths import models_dir, training_dir
from sketchdesk.library.settings import Settings, load_settings, save_settings


def weights(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"weight": np.zeros(3, np.float32)}, path)
    return path


def network(folder: Path) -> Path:
    weights(folder / "model.safetensors")
    (folder / "config.json").write_text("{}")
    return folder


def fetched(model: Path, repo: str) -> Path:
    write_manifest(manifest_path(model), Manifest(repo=repo, revision="main", commit="a"))
    return model


def link(path: Path) -> None:
    save_settings(Settings(model_paths=(*load_settings().model_paths, str(path))))


def test_a_downloaded_model_is_found_by_its_repository_and_by_the_name_a_list_shows() -> None:
    full = fetched(network(models_dir() / "sd-turbo"), "stabilityai/sd-turbo")
    half = fetched(network(models_dir() / "sd-turbo-fp16"), "stabilityai/sd-turbo")
    assert resolve_model("stabilityai/sd-turbo") == resolve_model("sd-turbo") == full
    assert resolve_model("sd-turbo-fp16") == half
    assert locate("other/sd-turbo") is None


def test_a_file_is_found_without_its_ending_and_in_other_letters_last() -> None:
    plain = weights(models_dir() / "v1-5.safetensors")
    loud = weights(models_dir() / "V1-5.safetensors")
    assert resolve_model("v1-5") == resolve_model("v1-5.safetensors") == plain
    assert resolve_model("V1-5") == loud
    other = weights(models_dir() / "Ink-Style.safetensors")
    assert resolve_model("ink-style") == other


def test_a_linked_model_and_what_a_training_made_are_found_by_name(tmp_path: Path) -> None:
    elsewhere = weights(tmp_path / "elsewhere" / "ink.safetensors")
    link(elsewhere)
    trained = network(training_dir() / "sketches" / "model")
    assert resolve_model("ink") == elsewhere
    assert resolve_model("sketches") == trained


def test_a_name_of_two_models_is_asked_about_and_neither_is_taken(tmp_path: Path) -> None:
    own, other = weights(models_dir() / "ink.safetensors"), weights(tmp_path / "elsewhere" / "ink.safetensors")
    link(other)
    assert locate("ink") is None
    with pytest.raises(SketchDeskError) as caught:
        resolve_model("ink")
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert str(own) in caught.value.message
    assert str(other) in caught.value.message


def test_the_files_of_one_repository_are_told_apart_by_their_own_names() -> None:
    one = fetched(weights(models_dir() / "Hyper-4steps.safetensors"), "ByteDance/Hyper-SD")
    assert locate("ByteDance/Hyper-SD") == one
    fetched(weights(models_dir() / "Hyper-8steps.safetensors"), "ByteDance/Hyper-SD")
    assert locate("ByteDance/Hyper-SD") is None
    assert locate("Hyper-4steps") == one


def test_a_path_that_is_gone_is_no_other_model_of_the_same_name() -> None:
    weights(models_dir() / "ink.safetensors")
    assert locate("/gone/models/ink.safetensors") is None
    assert locate("models/ink") is None
