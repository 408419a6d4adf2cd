"""A folder written as one file is what the first code would have written, and draws as before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.ldm_export import export_single_file
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion, save_tuned
from sketchdesk.library.models.kind import kind_of

CPU = torch.device("cpu")


@pytest.fixture
def folder(tiny_parts, write_ldm, tmp_path):
    """Return a model of a generation as a diffusers folder, and its tensors by their old names."""

    def made(generation: int, predicts: str = "epsilon") -> tuple[Path, dict[str, torch.Tensor]]:
        tensors = tiny_parts(generation).ldm()
        save_tuned(load_stable_diffusion(write_ldm(tensors, predicts=predicts), CPU, torch.float32), [], tmp_path / "m")
        return tmp_path / "m", tensors

    return made


@pytest.mark.parametrize("generation", [1, 2])
def test_every_tensor_has_its_old_name_and_its_bits(folder, tmp_path, generation):
    source, tensors = folder(generation)
    written = load_file(export_single_file(source, tmp_path / "out.safetensors"))
    # Indices are not weights, and OpenCLIP's last layer and projection are not in a folder any more.
    missing = {name for name in tensors if name not in written}
    assert all("position_ids" in name or "text_projection" in name or "resblocks.2." in name or "logit_scale" in name
               for name in missing), missing  # fmt: skip
    assert not written.keys() - tensors.keys()
    assert all(torch.equal(value, tensors[name]) for name, value in written.items())


@pytest.mark.parametrize(("generation", "predicts"), [(1, "epsilon"), (2, "epsilon"), (2, "v")])
def test_it_comes_back_to_the_bit_and_says_what_it_predicts(folder, tmp_path, generation, predicts):
    source, _tensors = folder(generation, predicts)
    model = load_stable_diffusion(source, CPU, torch.float32)
    back = load_stable_diffusion(export_single_file(source, tmp_path / "out.safetensors"), CPU, torch.float32)
    for part in ("unet", "vae", "text_encoder"):
        ours, theirs = getattr(model, part).state_dict(), getattr(back, part).state_dict()
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    assert back.prediction_type == model.prediction_type == {"epsilon": "epsilon", "v": "v_prediction"}[predicts]


def test_it_keeps_the_precision_of_the_folder(folder, tmp_path):
    source, _tensors = folder(1)
    halved = tmp_path / "half"
    StableDiffusionPipeline.from_pretrained(source, dtype=torch.float16).save_pretrained(halved)
    made = export_single_file(halved, tmp_path / "half.safetensors")
    assert kind_of(made).precision == "fp16"


def test_a_model_of_another_build_is_refused_and_nothing_written(folder, tmp_path):
    source, _tensors = folder(1)
    config = source / "vae" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"scaling_factor": 0.5}))
    with pytest.raises(SketchDeskError) as refused:
        export_single_file(source, tmp_path / "out.safetensors")
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert "scaling_factor" in str(refused.value.message)
    assert not (tmp_path / "out.safetensors").exists()




def test_a_perflow_is_refused_whose_scheduler_no_single_file_can_name(tiny_parts, write_ldm, tmp_path):
    """It came from a file of a published name; as a folder it says so itself, and there all parts are written anew."""
    file = write_ldm(tiny_parts(1).ldm(), "perflow-sd15-ink.safetensors", "epsilon")
    source = tmp_path / "m"
    save_tuned(load_stable_diffusion(file, CPU, torch.float32), [], source)
    assert load_stable_diffusion(source, CPU, torch.float32).family == "perflow"
    with pytest.raises(SketchDeskError, match="PeRFlowScheduler") as refused:
        export_single_file(source, tmp_path / "out.safetensors")
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert not (tmp_path / "out.safetensors").exists()
