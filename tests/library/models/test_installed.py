"""Models are found by name, told apart, and refused before anything is loaded when they are unsafe or broken."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.installed import ModelEntry, list_models, resolve_model
from sketchdesk.library.models.weights import safetensors_header
from sketchdesk.library.paths import resource

SD_INDEX = {
    "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.42.1", "requires_safety_checker": False,
    "safety_checker": [None, None], "scheduler": ["diffusers", "PNDMScheduler"],
    "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}  # fmt: skip


def write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value) if not isinstance(value, str) else value, encoding="utf-8")


def weights(path: Path, *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.arange(64, dtype=np.float32) for name in names or ("weight",)}, path)
    return path


def pipeline(folder: Path, prediction_type: str | None = None, **index: object) -> Path:
    write(folder / "model_index.json", SD_INDEX | index)
    scheduler = {} if prediction_type is None else {"prediction_type": prediction_type}
    write(folder / "scheduler" / "scheduler_config.json", scheduler)
    write(folder / "tokenizer" / "tokenizer_config.json", {})
    for part in ("unet", "vae"):
        write(folder / part / "config.json", {})
        weights(folder / part / "diffusion_pytorch_model.safetensors")
    return folder


def network(folder: Path, model_type: str) -> Path:
    write(folder / "config.json", {"model_type": model_type})
    weights(folder / "model.safetensors")
    return folder


def refusal(name: str | Path) -> SketchDeskError:
    with pytest.raises(SketchDeskError) as caught:
        resolve_model(str(name))
    return caught.value


def entry(name: str) -> ModelEntry:
    return next(entry for entry in list_models() if entry.name == name)


def test_a_folder_and_a_file_are_found_by_their_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pipeline(tmp_path / "my model ñ")
    file = weights(tmp_path / "one.safetensors", "model.diffusion_model.out.weight")
    monkeypatch.chdir(tmp_path)
    assert resolve_model("my model ñ") == resolve_model(str(folder)) == folder.resolve()
    assert resolve_model("one.safetensors") == file.resolve()
    assert resolve_model(str(network(tmp_path / "clip", "clip"))) == (tmp_path / "clip").resolve()


def test_a_file_of_the_hubs_cache_keeps_the_name_that_tells_what_it_is(tmp_path: Path) -> None:
    blob, link = tmp_path / "0123abcd", tmp_path / "ink.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, blob)
    link.symlink_to(blob)
    assert resolve_model(str(link)) == link


def test_a_demo_model_built_on_this_machine_stands_in_for_a_missing_shipped_one(data_folder: Path) -> None:
    own = network(data_folder / "models" / "demo-clip", "clip")
    shipped = resource("models/demo-clip")
    assert resolve_model("demo-clip") == (shipped if shipped.is_dir() else own)


@pytest.mark.parametrize("name", ["", "no-such-model", "no/such", "demo-nothing", "a\0b", "x" * 5000, "~nobody/x"])
def test_what_is_not_here_is_model_not_found(name: str) -> None:
    error = refusal(name)
    assert error.kind is ErrorKind.MODEL_NOT_FOUND
    assert name in error.message


def cached(cache: Path, commit: str, main: str | None) -> Path:
    folder = cache / "models--org--style-model"
    if main:
        write(folder / "refs" / "main", main)
    return pipeline(folder / "snapshots" / commit)


def test_a_hub_id_is_found_in_the_cache_where_main_points(data_folder: Path) -> None:
    cache = data_folder / "hub-cache"
    wanted = cached(cache, "aaa", "aaa")
    cached(cache, "bbb", None)
    assert resolve_model("org/style-model") == wanted


def test_a_hub_id_fetched_without_main_is_found_too(data_folder: Path) -> None:
    wanted = cached(data_folder / "hub-cache", "ccc", "gone")
    assert resolve_model("org/style-model") == wanted


@pytest.mark.parametrize("suffix", [".bin", ".ckpt", ".pt", ".PTH"])
def test_weights_that_can_run_code_are_refused(tmp_path: Path, suffix: str) -> None:
    network(tmp_path / "clip", "clip")
    (tmp_path / "clip" / "model.safetensors").rename(tmp_path / "clip" / f"weights{suffix}")
    loose = tmp_path / f"model{suffix}"
    loose.write_bytes(b"pickle")
    for path in (tmp_path / "clip", loose):
        assert refusal(path).kind is ErrorKind.UNSAFE_WEIGHTS


def test_one_unsafe_part_makes_a_pipeline_unsafe(tmp_path: Path) -> None:
    unet = pipeline(tmp_path / "sd") / "unet" / "diffusion_pytorch_model.safetensors"
    unet.rename(unet.with_suffix(".bin"))
    error = refusal(tmp_path / "sd")
    assert error.kind is ErrorKind.UNSAFE_WEIGHTS
    assert str(tmp_path / "sd" / "unet") in error.message


def test_unsafe_copies_beside_safe_weights_do_no_harm(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "sd", safety_checker=["stable_diffusion", "StableDiffusionSafetyChecker"])
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    (folder / "safety_checker").mkdir()
    (folder / "safety_checker" / "pytorch_model.bin").write_bytes(b"pickle")
    assert resolve_model(str(folder)) == folder.resolve()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: cut(folder / "unet" / "diffusion_pytorch_model.safetensors"),
        lambda folder: (folder / "vae" / "diffusion_pytorch_model.safetensors").write_text("version https://git-lfs"),
        lambda folder: (folder / "vae" / "diffusion_pytorch_model.safetensors").unlink(),
        lambda folder: (folder / "tokenizer").rename(folder / "renamed"),
        lambda folder: (folder / "model_index.json").write_text("{"),
        lambda folder: (folder / "model_index.json").unlink(),
    ],
    ids=["cut short", "a pointer, not the file", "no weights", "a folder missing", "broken index", "no index"],
)
def test_an_incomplete_model_is_unreadable_and_listed_with_its_problem(data_folder: Path, damage) -> None:
    folder = pipeline(data_folder / "models" / "mine")
    damage(folder)
    error = refusal(folder)
    assert error.kind is ErrorKind.MODEL_UNREADABLE
    assert "could not be read" in entry(str(folder)).problem


def test_the_header_is_what_the_format_says(tmp_path: Path) -> None:
    header = safetensors_header(weights(tmp_path / "a.safetensors", "one", "two"))
    assert header["two"]["shape"] == [64]
    assert header["one"]["dtype"] == "F32"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.binary(max_size=40), length=st.integers(0, 2**64 - 1) | st.integers(0, 40))
def test_any_file_is_a_safetensors_file_or_refused_as_unreadable(tmp_path: Path, head: bytes, length: int) -> None:
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", length) + head)
    try:
        assert isinstance(safetensors_header(tmp_path / "a.safetensors"), dict)
    except SketchDeskError as error:
        assert error.kind is ErrorKind.MODEL_UNREADABLE


CARD = "---\nlicense: other\nlicense_name: openrail++  # see below\ntags:\n- x\n---\n# Model\nlicense: not-this\n"


def test_the_list_says_what_each_model_is(data_folder: Path) -> None:
    models, cache = data_folder / "models", data_folder / "hub-cache"
    write(pipeline(models / "sd", "v_prediction") / "README.md", CARD)
    pipeline(models / "flow", _class_name="RectifiedFlowPipeline")
    pipeline(models / "sd3", _class_name="StableDiffusion3Pipeline")
    write(network(models / "blip", "blip") / "README.md", "---\r\nlicense: 'mit'\r\n---\r\n")
    weights(models / "ink.safetensors", "lora_unet_down.lora_up.weight")
    weights(models / "big.safetensors", "model.diffusion_model.out.weight")
    (models / "old.ckpt").write_bytes(b"pickle")
    (models / "notes.txt").write_text("mine")
    pipeline(data_folder / "training" / "sketch" / "model", "epsilon")
    cached(cache, "aaa", "aaa")
    (cache / "models--org--empty" / "snapshots" / "ddd").mkdir(parents=True)
    listed = {entry.name: entry for entry in list_models() if entry.origin != "shipped"}
    assert {name: entry.family for name, entry in listed.items()} == {
        str(models / "big.safetensors"): "stable_diffusion", str(models / "blip"): "blip",
        str(models / "flow"): "instaflow", str(models / "ink.safetensors"): "lora", str(models / "old.ckpt"): "",
        str(models / "sd"): "stable_diffusion", str(models / "sd3"): "stable_diffusion_3",
        str(data_folder / "training" / "sketch" / "model"): "stable_diffusion", "org/style-model": "stable_diffusion",
    }  # fmt: skip
    sd, blip = listed[str(models / "sd")], listed[str(models / "blip")]
    assert (sd.licence, sd.prediction_type, sd.origin, sd.problem) == ("openrail++", "v_prediction", "own", "")
    assert sd.size_bytes == sum(path.stat().st_size for path in (models / "sd").rglob("*.*"))
    assert (blip.licence, blip.prediction_type) == ("mit", None)
    assert listed["org/style-model"].prediction_type == "epsilon"
    assert "format that can run code" in listed[str(models / "old.ckpt")].problem


def test_every_listed_name_without_a_problem_resolves_to_its_path(data_folder: Path) -> None:
    pipeline(data_folder / "models" / "sd")
    cached(data_folder / "hub-cache", "aaa", "aaa")
    found = [entry for entry in list_models() if not entry.problem]
    assert len(found) >= 2
    assert [resolve_model(entry.name).resolve() for entry in found] == [entry.path.resolve() for entry in found]


def test_an_empty_machine_has_no_models_but_those_shipped() -> None:
    assert all(entry.origin == "shipped" for entry in list_models())
