"""Tiny models with real weights, and the same models written as the first Stable Diffusion code named its tensors.

The names here are written out from that code's modules, not taken from the converter under test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from sketchdesk.library.models.families import TEXT, TEXT_2, UNET, UNET_2, VAE

LAYERS = 2
WIDTHS = (64, 128)


@dataclass
class Parts:
    """The three networks of a tiny model."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    open_clip: bool

    def ldm(self) -> dict[str, torch.Tensor]:
        """Every tensor under its old name."""
        tensors = {}
        for name, value in self.unet.state_dict().items():
            tensors["model.diffusion_model." + unet_name(name)] = value
        for name, value in self.vae.state_dict().items():
            old = vae_name(name)
            square = ".attn_1." in old and old.endswith("weight") and value.ndim == 2
            tensors["first_stage_model." + old] = value[:, :, None, None] if square else value
        return tensors | (open_clip(self.text_encoder) if self.open_clip else clip(self.text_encoder))


@pytest.fixture(scope="session")
def tiny_parts() -> Callable[[int], Parts]:
    """Return the parts of a tiny Stable Diffusion 1 or 2."""

    def make(generation: int) -> Parts:
        torch.manual_seed(generation)
        second = generation == 2
        down = {"down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"]}
        up = {"up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
        heads = {"attention_head_dim": [1, 2]} if second else {}
        shape = {"block_out_channels": list(WIDTHS), "cross_attention_dim": 64}
        unet = UNet2DConditionModel.from_config((UNET_2 if second else UNET) | down | up | shape | heads)
        vae = AutoencoderKL.from_config(
            VAE
            | {"block_out_channels": [32, 64], "layers_per_block": 1}
            | {"down_block_types": ["DownEncoderBlock2D"] * 2, "up_block_types": ["UpDecoderBlock2D"] * 2}
        )
        text = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 1}
        encoder = CLIPTextModel(CLIPTextConfig(**((TEXT_2 if second else TEXT) | text | {"projection_dim": 64})))
        return Parts(unet.eval(), vae.eval(), encoder.eval(), second)

    return make


@pytest.fixture
def write_ldm(tmp_path: Path) -> Callable[..., Path]:
    """Write tensors as a single file that says what it predicts."""

    def write(tensors, name="tiny.safetensors", predicts: str | None = "epsilon") -> Path:
        metadata = {"modelspec.prediction_type": predicts} if predicts else None
        save_file({key: value.contiguous().clone() for key, value in tensors.items()}, tmp_path / name, metadata)
        return tmp_path / name

    return write


def unet_name(name: str) -> str:
    fixed = {
        "conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "conv_out": "out.2",
        "time_embedding.linear_2": "time_embed.2", "conv_norm_out": "out.0", "mid_block.resnets.0": "middle_block.0",
        "mid_block.attentions.0": "middle_block.1", "mid_block.resnets.1": "middle_block.2",
    }  # fmt: skip
    for ours, theirs in fixed.items():
        if name.startswith(ours + "."):
            return resnet_name(theirs + name.removeprefix(ours))
    side, block, kind, layer, rest = re.fullmatch(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.+)", name).groups()
    block, layer = int(block), int(layer)
    if side == "down":
        number = block * (LAYERS + 1) + 1 + layer
        if kind == "downsamplers":
            return f"input_blocks.{(block + 1) * (LAYERS + 1)}.0.op.{rest.removeprefix('conv.')}"
        return resnet_name(f"input_blocks.{number}.{1 if kind == 'attentions' else 0}.{rest}")
    number = block * (LAYERS + 1) + layer
    if kind == "upsamplers":  # the last of its block, behind its attention where it has one; the first block has none
        return f"output_blocks.{block * (LAYERS + 1) + LAYERS}.{1 if block == 0 else 2}.{rest}"
    return resnet_name(f"output_blocks.{number}.{1 if kind == 'attentions' else 0}.{rest}")


def resnet_name(name: str) -> str:
    if "transformer_blocks" in name:
        return name
    for ours, theirs in {
        "norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
        "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection",
    }.items():  # fmt: skip
        name = re.sub(rf"\.{ours}\.", f".{theirs}.", name)
    return name


def vae_name(name: str) -> str:
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    name = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"up.{1 - int(m[1])}.block.{m[2]}", name)
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{1 - int(m[1])}.upsample", name)
    for ours, theirs in {
        "mid_block.attentions.0": "mid.attn_1", "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v",
        "to_out.0": "proj_out", "conv_norm_out": "norm_out", "conv_shortcut": "nin_shortcut",
    }.items():  # fmt: skip
        name = name.replace(ours, theirs)
    return name


def clip(encoder: CLIPTextModel) -> dict[str, torch.Tensor]:
    named = {f"cond_stage_model.transformer.text_model.{name}": value for name, value in encoder.state_dict().items()}
    return named | {"cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(77)[None]}


def open_clip(encoder: CLIPTextModel) -> dict[str, torch.Tensor]:
    own = encoder.state_dict()
    width = encoder.config.hidden_size
    found = {
        "token_embedding.weight": own["embeddings.token_embedding.weight"],
        "positional_embedding": own["embeddings.position_embedding.weight"],
        "ln_final.weight": own["final_layer_norm.weight"],
        "ln_final.bias": own["final_layer_norm.bias"],
        "text_projection": torch.randn(width, width),
        "logit_scale": torch.ones(()),
    }
    layers = encoder.config.num_hidden_layers
    for layer in range(layers + 1):  # the last is the one Stable Diffusion 2 does not use
        ours, theirs = f"encoder.layers.{min(layer, layers - 1)}.", f"transformer.resblocks.{layer}."
        noise = 5.0 if layer == layers else 0.0
        for kind in ("weight", "bias"):
            joined = torch.cat([own[f"{ours}self_attn.{part}_proj.{kind}"] for part in "qkv"])
            found[f"{theirs}attn.in_proj_{kind}"] = joined + noise
            for old, new in {
                "attn.out_proj": "self_attn.out_proj", "ln_1": "layer_norm1", "ln_2": "layer_norm2",
                "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2",
            }.items():  # fmt: skip
                found[f"{theirs}{old}.{kind}"] = own[f"{ours}{new}.{kind}"] + noise
    return {"cond_stage_model.model." + name: value for name, value in found.items()}
