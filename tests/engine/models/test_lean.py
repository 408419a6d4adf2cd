"""Weights read one by one: the numbers that the libraries' own loaders give, with less memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.folder import load_part
from sketchdesk.engine.models.lean import TensorFile, load_lean

ROOT = Path(__file__).resolve().parents[3]
PARTS = {
    "unet": (UNet2DConditionModel, "diffusion_pytorch_model.safetensors"),
    "vae": (AutoencoderKL, "diffusion_pytorch_model.safetensors"),
    "text_encoder": (CLIPTextModel, "model.safetensors"),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("part", PARTS)
def test_a_network_is_what_from_pretrained_makes_of_it(tiny_sd, part, dtype):
    kind, file = PARTS[part]
    ours = load_lean(kind, tiny_sd / part, tiny_sd / part / file, dtype)
    theirs = kind.from_pretrained(tiny_sd / part, dtype=dtype).state_dict()
    assert ours.state_dict().keys() == theirs.keys()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.state_dict().items())
    assert {value.dtype for value in ours.parameters()} == {dtype}
    assert not any(value.is_meta for value in [*ours.parameters(), *ours.buffers()])
    assert not any(value.requires_grad for value in ours.parameters())


def test_a_text_encoder_saved_with_the_names_of_before_is_the_same(tiny_sd, tmp_path):
    file = tiny_sd / "text_encoder" / "model.safetensors"
    old = {f"text_model.{name.removeprefix('text_model.')}": value for name, value in load_file(file).items()}
    save_file(old, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_bytes((tiny_sd / "text_encoder" / "config.json").read_bytes())
    new = load_part(CLIPTextModel, tiny_sd / "text_encoder", torch.float32).state_dict()
    assert all(
        torch.equal(value, new[name])
        for name, value in load_part(CLIPTextModel, tmp_path, torch.float32).state_dict().items()
    )


def test_names_of_an_older_version_are_left_to_the_library_that_knows_them(tiny_sd, tmp_path):
    """diffusers once called an autoencoder's attention query, key and value, and renames them when it loads."""
    names = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    file = tiny_sd / "vae" / "diffusion_pytorch_model.safetensors"
    old = {}
    for name, value in load_file(file).items():
        for new_name, old_name in names.items():
            name = name.replace(f"attentions.0.{new_name}.", f"attentions.0.{old_name}.")
        old[name] = value
    save_file(old, tmp_path / file.name, metadata={"format": "pt"})
    (tmp_path / "config.json").write_bytes((tiny_sd / "vae" / "config.json").read_bytes())
    assert load_lean(AutoencoderKL, tmp_path, tmp_path / file.name, torch.float32) is None
    today = load_part(AutoencoderKL, tiny_sd / "vae", torch.float32).state_dict()
    loaded = load_part(AutoencoderKL, tmp_path, torch.float32).state_dict()
    assert all(torch.equal(value, today[name]) for name, value in loaded.items())


def test_a_file_that_is_cut_short_is_refused(tiny_sd, tmp_path):
    whole = (tiny_sd / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[:-5])
    with pytest.raises(SketchDeskError) as refused:
        TensorFile(tmp_path / "model.safetensors")
    assert refused.value.kind is ErrorKind.MODEL_UNREADABLE


PEAK = """
import resource, sys
from pathlib import Path
import torch
from diffusers import UNet2DConditionModel
from sketchdesk.engine.models.lean import load_lean
torch.ones(4) @ torch.ones(4)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
folder = Path(sys.argv[1])
before = peak()
network = load_lean(UNet2DConditionModel, folder, folder / "diffusion_pytorch_model.safetensors", torch.bfloat16)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_loading_takes_no_more_memory_than_the_weights(tmp_path):
    unet = UNet2DConditionModel(
        sample_size=16, block_out_channels=(128, 512), layers_per_block=1, cross_attention_dim=64,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    unet.save_pretrained(tmp_path)
    weights_kib = sum(value.numel() for value in unet.parameters()) * 2 / 1024
    assert weights_kib > 60_000
    told = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert int(told) < 1.4 * weights_kib  # the file, in fp32, alone is twice as large
