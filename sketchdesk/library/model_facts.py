"""What a model folder says of itself that a form needs, read from its small files without loading anything."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.loose import items, mapping, number, text, whole
from sketchdesk.library.weights import safetensors_header

NETWORKS = ("unet", "text_encoder", "vae")
"""What is loaded to draw."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """How a model draws, and how large it is. Defaults are those of Stable Diffusion 1."""

    cell_px: int = 8
    """Width and height are multiples of this."""
    side_px: int = 512
    """Width and height the model was trained on."""
    guidance_scale: float = 7.5
    num_inference_steps: int = 25
    parameters: int = 0
    """Of the networks that draw; 0 where the files do not say."""
    unet_channels: int = 320
    """Of the U-Net's outermost level."""
    vae_channels: int = 256
    """Of the widest part of the decoder that works at full size."""


def read_facts(folder: Path) -> ModelFacts:
    """Return what a Stable Diffusion folder says; what it does not say is as in Stable Diffusion 1. Never raises."""
    unet, vae, index = (_json(folder / name) for name in ("unet/config.json", "vae/config.json", "model_index.json"))
    widths = [width for width in map(whole, items(vae.get("block_out_channels"))) if width]
    cell_px = 2 ** (len(widths) - 1) if widths else 8
    flow = text(index.get("_class_name")) == "RectifiedFlowPipeline"
    own = _json(folder / "sketchdesk.json")
    guidance = number(own.get("guidance_scale"))
    return ModelFacts(
        cell_px=cell_px,
        side_px=(whole(unet.get("sample_size")) or 64) * cell_px,
        guidance_scale=guidance if guidance is not None else 0.0 if flow else 7.5,
        num_inference_steps=whole(own.get("num_inference_steps")) or (1 if flow else 25),
        parameters=sum(_parameters(folder / name) for name in NETWORKS),
        unet_channels=next(iter(filter(None, map(whole, items(unet.get("block_out_channels"))))), 320),
        vae_channels=max(widths[:2], default=256),
    )


def _parameters(folder: Path) -> int:
    """Return how many numbers a network's weights hold; of several variants of them one is counted."""
    files = sorted(folder.glob("*.safetensors"))
    plain = [file for file in files if not any(part in file.name for part in (".fp16.", ".bf16.", ".non_ema."))]
    total = 0
    for file in plain or files[:1]:
        try:
            header = safetensors_header(file)
        except SketchDeskError:
            continue
        tensors = (mapping(value) for name, value in header.items() if name != "__metadata__")
        total += sum(math.prod(whole(side) or 0 for side in items(tensor.get("shape"))) for tensor in tensors)
    return total


def _json(path: Path) -> dict[str, Any]:
    try:
        return mapping(msgspec.json.decode(path.read_bytes()))
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
