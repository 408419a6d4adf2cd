"""Networks from a single file's tensors: named as diffusers and transformers name them, built without a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from sketchdesk.library.models.ldm_layout import CLIP_PREFIX, OPEN_CLIP_PREFIX, UNET_PREFIX, VAE_PREFIX, LdmLayout

WRAPPER = "text_model."
"""Stands before the names of CLIP's text encoder in files made before transformers 5."""


def build_unet(layout: LdmLayout, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> UNet2DConditionModel:
    """Return the U-Net. Raises ValueError for missing tensors, RuntimeError for those of a wrong shape."""
    with init_empty_weights():
        unet = UNet2DConditionModel.from_config(layout.unet)
    return filled(unet, convert_ldm_unet_checkpoint(_under(tensors, UNET_PREFIX), layout.unet), dtype)


def build_vae(layout: LdmLayout, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> AutoencoderKL:
    """Return the autoencoder; raises as build_unet does."""
    with init_empty_weights():
        vae = AutoencoderKL.from_config(layout.vae)
    return filled(vae, convert_ldm_vae_checkpoint(_under(tensors, VAE_PREFIX), layout.vae), dtype)


def build_text_encoder(layout: LdmLayout, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> CLIPTextModel:
    """Return the text encoder; raises as build_unet does."""
    with init_empty_weights():
        encoder = CLIPTextModel(CLIPTextConfig(**layout.text_encoder))
    if layout.open_clip:
        found = convert_open_clip_checkpoint(encoder, _under(tensors, OPEN_CLIP_PREFIX), prefix=OPEN_CLIP_PREFIX)
    else:
        found = {name.removeprefix(CLIP_PREFIX): value for name, value in _under(tensors, CLIP_PREFIX).items()}
    return filled(encoder, {name.removeprefix(WRAPPER): value for name, value in found.items()}, dtype)


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name: value for name, value in tensors.items() if name.startswith(prefix)}


def filled(network: nn.Module, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> Any:
    """Give an empty network its weights; what the file holds beyond them (a last layer, indices) is left out."""
    wanted = network.state_dict()
    if missing := wanted.keys() - tensors.keys():
        raise ValueError(f"{len(missing)} tensors are missing, such as {min(missing)}")
    network.load_state_dict({name: tensors[name].to(dtype) for name in wanted}, assign=True)
    return network.eval().requires_grad_(False)
