"""Full-size Stable Diffusion folders with random weights: real in load time, memory and seconds; the pictures noise.

Architecture and tensors are the published models' (sketchdesk.library.models.families); nothing is downloaded.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from sketchdesk.engine.models.tokenizer import clip_tokenizer
from sketchdesk.library.models import families
from sketchdesk.library.models.families import FAMILIES, scheduler_config

KINDS = {"sd2-base": "sd2_base", "instaflow": "instaflow"}
"""What can be written, and its family."""


def full_size(kind: str, parent: Path) -> Path:
    """Return the folder of a model under `parent`, written with fp16 weights where it is not there yet (2.6 GB)."""
    folder = parent / kind
    if not (folder / "model_index.json").is_file():
        partial = parent / f".{kind}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        _write(KINDS[kind], partial)
        partial.rename(folder)
    return folder


def networks(family_name: str) -> dict[str, Any]:
    """Return fresh U-Net, VAE, text encoder and tiny decoder of a family, on the default device and in its dtype."""
    open_clip = FAMILIES[family_name].open_clip
    return {
        "unet": UNet2DConditionModel.from_config(families.UNET_2 if open_clip else families.UNET),
        "vae": AutoencoderKL.from_config(families.VAE),
        "text_encoder": CLIPTextModel(CLIPTextConfig(**(families.TEXT_2 if open_clip else families.TEXT))),
        "tiny_decoder": AutoencoderTiny(),
    }


def _write(family_name: str, folder: Path) -> None:
    family = FAMILIES[family_name]
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float16)
    try:
        for name, network in networks(family_name).items():
            network.save_pretrained(folder / name)
    finally:
        torch.set_default_dtype(torch.float32)
    clip_tokenizer(family.open_clip).save_pretrained(folder / "tokenizer")
    scheduler = scheduler_config(family, "epsilon")
    _write_json(folder / "scheduler" / "scheduler_config.json", scheduler)
    pipeline = "RectifiedFlowPipeline" if family.rectified_flow else "StableDiffusionPipeline"
    _write_json(folder / "model_index.json", {
        "_class_name": pipeline, "_diffusers_version": "0.42.1", "requires_safety_checker": False,
        "feature_extractor": [None, None], "safety_checker": [None, None],
        "scheduler": ["diffusers", scheduler["_class_name"]], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    })  # fmt: skip


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=2), encoding="utf-8")
