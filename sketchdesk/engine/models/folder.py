"""Model folders in diffusers' layout: Stable Diffusion 1 and 2, SD-Turbo, and RectifiedFlowPipeline's (InstaFlow)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.lean import TensorFile, empty, load_lean
from sketchdesk.engine.models.parts import DEFAULTS_FILE, RECTIFIED_FLOW_CLASS, Defaults, DrawnBy, StableDiffusion
from sketchdesk.engine.models.pickles import read_pickle
from sketchdesk.library.models.families import FAMILIES, family_of_folder
from sketchdesk.library.models.kind import hub_name
from sketchdesk.library.models.perflow import check_perflow, drawn_by
from sketchdesk.library.models.weights import SAFE_SUFFIX

WEIGHTS = ("diffusion_pytorch_model", "model")
"""How diffusers and transformers call a network's weights; a variant's name follows behind a dot."""
_BROKEN = (OSError, ValueError, KeyError, RuntimeError)
"""What reading files raises that are missing, broken, or not what they are taken for."""


def load_folder(folder: Path, dtype: torch.dtype, allow_pickle: bool = False) -> StableDiffusion:
    """Load a folder on the CPU, from safetensors unless `allow_pickle` says otherwise.

    Raises SketchDeskError: UNSAFE_WEIGHTS or CODE_IN_WEIGHTS for pickled weights, FAMILY_UNKNOWN for a U-Net that
    wants more than latents, MODEL_UNREADABLE for anything missing or broken.
    """
    try:
        drawn = _drawn_by(folder)
        model = StableDiffusion(
            tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
            text_encoder=load_part(CLIPTextModel, folder / "text_encoder", dtype, allow_pickle),
            unet=load_part(UNet2DConditionModel, folder / "unet", dtype, allow_pickle),
            vae=load_part(AutoencoderKL, folder / "vae", dtype, allow_pickle),
            scheduler_config=drawn.scheduler_config,
            folder=folder,
            defaults=drawn.defaults,
            rectified_flow=drawn.rectified_flow,
            family=drawn.family,
        )
    except _BROKEN as error:
        raise _unreadable(folder, error) from error
    _check_unet(model)
    return model


def unet_of_folder(folder: Path) -> tuple[Mapping[str, Tensor], dict[str, Any], DrawnBy]:
    """Return the weights of a folder's U-Net, its configuration, and how the model draws.

    A weight is read when it is asked for, where the files allow that. Raises as load_folder does.
    """
    place = folder / "unet"
    try:
        drawn, config, file = _drawn_by(folder), _read(place / "config.json"), _only_file(place)
        if file is not None:
            tensors = TensorFile(file)
            if tensors.keys() == empty(UNet2DConditionModel, place).state_dict().keys():
                return tensors, config, drawn
        return load_part(UNet2DConditionModel, place, torch.float32).state_dict(), config, drawn
    except _BROKEN as error:
        raise _unreadable(folder, error) from error


def _drawn_by(folder: Path) -> DrawnBy:
    """Return how a folder's model draws. Raises what is in _BROKEN."""
    index, unet = _read(folder / "model_index.json"), _read(folder / "unet" / "config.json")
    scheduler = drawn_by(_read(folder / "scheduler" / "scheduler_config.json"), hub_name(folder))
    check_perflow(scheduler)
    family = family_of_folder(index, unet, scheduler, hub_name(folder))
    flows = index.get("_class_name") == RECTIFIED_FLOW_CLASS
    return DrawnBy(scheduler, flows, _defaults(folder, family), family)


def _unreadable(folder: Path, error: Exception) -> SketchDeskError:
    return SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"{type(error).__name__}: {error}")


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
    file = _only_file(folder)
    if file is not None and (network := load_lean(kind, folder, file, dtype)) is not None:
        return network
    safe, pickles = (sorted(folder.glob(f"*{suffix}")) for suffix in (SAFE_SUFFIX, ".bin"))
    options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, "local_files_only": True}
    if not safe and pickles:
        if not allow_pickle:
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(folder))
        for path in pickles:
            read_pickle(path)  # refuses code before any other reader sees the file
        options["use_safetensors"] = False
    options["variant"] = _variant([path.name for path in safe or pickles])
    return kind.from_pretrained(folder, **options).eval().requires_grad_(False)


def _only_file(folder: Path) -> Path | None:
    """Return the safetensors file a network's weights are in, the plain one of several; None where it is not one."""
    safe = sorted(folder.glob(f"*{SAFE_SUFFIX}"))
    named = [path for path in safe if path.stem.split(".")[0] in WEIGHTS]
    chosen = [path for path in named if path.stem in WEIGHTS] or named
    return chosen[0] if len(chosen) == 1 else None


def _variant(names: list[str]) -> str | None:
    """Return fp16 for a folder that holds only "model.fp16.safetensors", None where a plain name is there."""
    variants = {name.split(".")[1] for name in names if name.count(".") == 2}
    return variants.pop() if len(variants) == 1 and all(name.count(".") == 2 for name in names) else None


def _defaults(folder: Path, family: str) -> Defaults:
    file = folder / DEFAULTS_FILE
    if file.is_file():
        return msgspec.json.decode(file.read_bytes(), type=Defaults)
    if known := FAMILIES.get(family):
        return Defaults(guidance_scale=known.guidance_scale, num_inference_steps=known.num_inference_steps)
    return Defaults()


def _read(file: Path) -> dict[str, Any]:
    content = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} is no JSON object")
    return content
