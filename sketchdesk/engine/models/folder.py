"""Model folders in diffusers' layout: Stable Diffusion 1 and 2, SD-Turbo, and RectifiedFlowPipeline's (InstaFlow)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.lean import load_lean
from sketchdesk.engine.models.parts import DEFAULTS_FILE, RECTIFIED_FLOW_CLASS, Defaults, StableDiffusion
from sketchdesk.engine.models.pickles import read_pickle
from sketchdesk.library.models.families import FAMILIES, family_of_folder
from sketchdesk.library.models.kind import hub_name
from sketchdesk.library.models.perflow import check_perflow, drawn_by
from sketchdesk.library.models.weights import SAFE_SUFFIX

WEIGHTS = ("diffusion_pytorch_model", "model")
"""How diffusers and transformers call a network's weights; a variant's name follows behind a dot."""


def load_folder(folder: Path, dtype: torch.dtype, allow_pickle: bool = False) -> StableDiffusion:
    """Load a folder on the CPU, from safetensors unless `allow_pickle` says otherwise.

    Raises SketchDeskError: UNSAFE_WEIGHTS or CODE_IN_WEIGHTS for pickled weights, FAMILY_UNKNOWN for a U-Net that
    wants more than latents, MODEL_UNREADABLE for anything missing or broken.
    """
    try:
        index = _read(folder / "model_index.json")
        scheduler = drawn_by(_read(folder / "scheduler" / "scheduler_config.json"), hub_name(folder))
        check_perflow(scheduler)
        model = StableDiffusion(
            tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
            text_encoder=load_part(CLIPTextModel, folder / "text_encoder", dtype, allow_pickle),
            unet=load_part(UNet2DConditionModel, folder / "unet", dtype, allow_pickle),
            vae=load_part(AutoencoderKL, folder / "vae", dtype, allow_pickle),
            scheduler_config=scheduler,
            folder=folder,
            rectified_flow=index.get("_class_name") == RECTIFIED_FLOW_CLASS,
        )
        model.family = family_of_folder(index, dict(model.unet.config), scheduler, hub_name(folder))
        model.defaults = _defaults(folder, model)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"{type(error).__name__}: {error}") from error
    _check_unet(model)
    return model


def _check_unet(model: StableDiffusion) -> None:
    """Refuse a U-Net that wants more than text, latents and perhaps a mask: it would draw, but not what it should."""
    config = model.unet.config
    if config.in_channels != model.vae.config.latent_channels and not model.inpaints:
        raise SketchDeskError(ErrorKind.FAMILY_UNKNOWN, str(model.folder), f"a U-Net of {config.in_channels} channels")
    wanted = ("time_cond_proj_dim", "class_embed_type", "num_class_embeds", "addition_embed_type", "encoder_hid_dim")
    if asked := [name for name in wanted if config.get(name) is not None]:
        raise SketchDeskError(ErrorKind.FAMILY_UNKNOWN, str(model.folder), f"a U-Net with {', '.join(asked)}")


def load_part(kind: Any, folder: Path, dtype: torch.dtype, allow_pickle: bool = False) -> Any:
    """Load one network of a `kind`, for use only; raises as load_folder and from_pretrained do.

    Files of other layouts than today's, in several parts or pickled, are left to from_pretrained.
    """
    safe = sorted(folder.glob(f"*{SAFE_SUFFIX}"))
    named = [path for path in safe if path.stem.split(".")[0] in WEIGHTS]
    chosen = [path for path in named if path.stem in WEIGHTS] or named
    if len(chosen) == 1 and (network := load_lean(kind, folder, chosen[0], dtype)) is not None:
        return network
    pickles = sorted(folder.glob("*.bin"))
    options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, "local_files_only": True}
    if not safe and pickles:
        if not allow_pickle:
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(folder))
        for path in pickles:
            read_pickle(path)  # refuses code before any other reader sees the file
        options["use_safetensors"] = False
    options["variant"] = _variant([path.name for path in safe or pickles])
    return kind.from_pretrained(folder, **options).eval().requires_grad_(False)


def _variant(names: list[str]) -> str | None:
    """Return fp16 for a folder that holds only "model.fp16.safetensors", None where a plain name is there."""
    variants = {name.split(".")[1] for name in names if name.count(".") == 2}
    return variants.pop() if len(variants) == 1 and all(name.count(".") == 2 for name in names) else None


def _defaults(folder: Path, model: StableDiffusion) -> Defaults:
    file = folder / DEFAULTS_FILE
    if file.is_file():
        return msgspec.json.decode(file.read_bytes(), type=Defaults)
    if family := FAMILIES.get(model.family):
        return Defaults(guidance_scale=family.guidance_scale, num_inference_steps=family.num_inference_steps)
    return Defaults()


def _read(file: Path) -> dict[str, Any]:
    content = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} is no JSON object")
    return content
