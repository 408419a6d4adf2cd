"""LoRAs for few steps are known by what they and their folders are called, or say in their metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.library.models.few_steps import OWN_METADATA, FewSteps, few_steps_metadata, few_steps_of


def write(path: Path, **metadata: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"unet.x.lora_A.weight": np.zeros((1, 4), np.float32)}, path, metadata or None)
    return str(path)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("lcm-lora-sdv1-5.safetensors", ("lcm", 4, 1.0)),
        ("LCM_LoRA_SD15.safetensors", ("lcm", 4, 1.0)),
        ("Hyper-SD15-1step-lora.safetensors", ("tcd", 1, 1.0)),
        ("Hyper-SD15-8steps-lora.safetensors", ("tcd", 8, 1.0)),
        ("Hyper-SD15-8steps-CFG-lora.safetensors", ("tcd", 8, 5.0)),
        ("TCD-SD15-LoRA/pytorch_lora_weights.safetensors", ("tcd", 4, 1.0)),
        ("lcm-lora-sdv1-5/pytorch_lora_weights.safetensors", ("lcm", 4, 1.0)),
        ("models--h1t--TCD-SD21-base-LoRA/snapshots/ab12/pytorch_lora_weights.safetensors", ("tcd", 4, 1.0)),
        ("models--ByteDance--Hyper-SD/snapshots/ab12/sd15-2steps.safetensors", ("tcd", 2, 1.0)),
        ("pcm_sd15_lcmlike_lora_converted.safetensors", ("lcm", 4, 1.0)),
        ("pcm_sd15_normalcfg_8step_converted.safetensors", None),
        ("ink.safetensors", None),
        ("hyperrealism.safetensors", None),
        ("calcmaths-2steps.safetensors", None),
        ("ink/pytorch_lora_weights.safetensors", None),
    ],
)
def test_names_tell(tmp_path, file, expected):
    found = few_steps_of(write(tmp_path / file))
    settings = found and (found.sampler, found.num_inference_steps, found.guidance_scale)
    assert settings == expected


def test_metadata_tells_of_a_file_that_was_renamed_and_the_sentence_says_what_is_set(tmp_path):
    found = few_steps_of(write(tmp_path / "quick.safetensors", **{"modelspec.title": "My LCM, 6 steps"}))
    assert found.sentence == "“quick” is made for few steps: LCM, 6 steps and a guidance of 1 are set."
    assert few_steps_of(write(tmp_path / "slow.safetensors", ss_output_name="ink")) is None


def test_a_lora_made_here_says_it_whatever_it_is_called(tmp_path):
    made = FewSteps(name="quick", sampler="tcd", num_inference_steps=2)
    found = few_steps_of(write(tmp_path / "lcm-8steps.safetensors", **few_steps_metadata(made)))
    assert found == FewSteps(name="lcm-8steps", sampler="tcd", num_inference_steps=2)
    spoilt = write(tmp_path / "ink.safetensors", **{OWN_METADATA: '{"name": 1}'})
    assert few_steps_of(spoilt) is None


def test_a_folder_is_looked_into_and_nothing_is_raised(tmp_path):
    write(tmp_path / "lcm-lora" / "pytorch_lora_weights.safetensors")
    assert few_steps_of(str(tmp_path / "lcm-lora")).name == "lcm-lora"
    assert few_steps_of(str(tmp_path / "gone.safetensors")) is None
    (tmp_path / "broken-lcm.safetensors").write_bytes(b"x")
    assert few_steps_of(str(tmp_path / "broken-lcm.safetensors")).sampler == "lcm"
    (tmp_path / "broken.safetensors").write_bytes(b"x")
    assert few_steps_of(str(tmp_path / "broken.safetensors")) is None
