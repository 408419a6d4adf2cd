"""Stable Diffusion folders: load the parts a sampler or a trainer needs, and save a tuned model as one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.contracts.text import _

DEFAULTS_FILE = "sketchdesk.json"
RECTIFIED_FLOW_CLASS = "RectifiedFlowPipeline"


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """The settings a model draws best with; read from DEFAULTS_FILE in its folder where there is one."""

    guidance_scale: float = 7.5
    num_inference_steps: int = 25


@dataclass
class StableDiffusion:
    """The parts of one model, on one device. `scheduler_config` is the folder's own, `folder` where it came from."""

    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    scheduler_config: dict[str, Any]
    folder: Path
    defaults: Defaults = field(default_factory=Defaults)
    rectified_flow: bool = False

    @property
    def vae_scale_factor(self) -> int:
        """Pixels per latent cell along one side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def sample_size_px(self) -> int:
        """Side in pixels of the pictures the U-Net was trained on."""
        return int(self.unet.config.sample_size) * self.vae_scale_factor

    @property
    def prediction_type(self) -> str:
        """What the U-Net predicts: epsilon or v_prediction."""
        return str(self.scheduler_config.get("prediction_type", "epsilon"))

    def to(self, device: torch.device) -> StableDiffusion:
        """Move every network and return self."""
        for network in (self.text_encoder, self.unet, self.vae):
            network.to(device)
        return self


def load_stable_diffusion(
    folder: Path, device: torch.device, dtype: torch.dtype, loras: Sequence[LoraUse] = ()
) -> StableDiffusion:
    """Load a diffusers folder (Stable Diffusion 1, 2 or a RectifiedFlowPipeline's) from safetensors.

    Raises SketchDeskError: BAD_INPUT for a single file, UNSAFE_WEIGHTS where only pickled weights are there,
    MODEL_UNREADABLE for anything missing or broken.
    """
    if folder.is_file():
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("“{name}” is a single file; this version draws with model folders in diffusers' layout.").format(
                name=folder.name
            ),
        )
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text(encoding="utf-8"))
        model = StableDiffusion(
            tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
            text_encoder=_part(CLIPTextModel, folder / "text_encoder", dtype),
            unet=_part(UNet2DConditionModel, folder / "unet", dtype),
            vae=_part(AutoencoderKL, folder / "vae", dtype),
            scheduler_config=scheduler,
            folder=folder,
            defaults=_read_defaults(folder, index),
            rectified_flow=index.get("_class_name") == RECTIFIED_FLOW_CLASS,
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"{type(error).__name__}: {error}") from error
    if loras:
        _fuse_loras(model, loras)
    return model.to(device)


def _part(kind: Any, folder: Path, dtype: torch.dtype) -> Any:
    if not any(folder.glob("*.safetensors")) and any(folder.glob("*.bin")):
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(folder))
    return kind.from_pretrained(folder, dtype=dtype, use_safetensors=True).eval().requires_grad_(False)


def _read_defaults(folder: Path, index: dict[str, Any]) -> Defaults:
    file = folder / DEFAULTS_FILE
    if file.is_file():
        return msgspec.json.decode(file.read_bytes(), type=Defaults)
    if index.get("_class_name") == RECTIFIED_FLOW_CLASS:
        return Defaults(guidance_scale=0.0, num_inference_steps=1)  # InstaFlow's own setting
    return Defaults()


def as_pipeline(model: StableDiffusion) -> StableDiffusionPipeline:
    """Return the parts as a stock pipeline, for what diffusers does well: adapters."""
    import diffusers

    scheduler_class = getattr(diffusers, model.scheduler_config["_class_name"])
    return StableDiffusionPipeline(
        vae=model.vae,
        text_encoder=model.text_encoder,
        tokenizer=model.tokenizer,
        unet=model.unet,
        scheduler=scheduler_class.from_config(model.scheduler_config),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _fuse_loras(model: StableDiffusion, loras: Sequence[LoraUse]) -> None:
    """Add every LoRA, in diffusers/PEFT or kohya layout, to the weights."""
    pipeline = as_pipeline(model)
    for number, lora in enumerate(loras):
        if not Path(lora.path).is_file():
            raise SketchDeskError(ErrorKind.MODEL_NOT_FOUND, lora.path)
        name = f"lora_{number}"
        try:
            pipeline.load_lora_weights(lora.path, adapter_name=name, use_safetensors=True)
            pipeline.set_adapters([name], [lora.weight])
            pipeline.fuse_lora(adapter_names=[name])
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, lora.path, str(error)) from error
        pipeline.unload_lora_weights()


def save_tuned(model: StableDiffusion, parts: Sequence[str], folder: Path) -> None:
    """Write a tuned model as a diffusers folder: the named parts ("unet" …) from memory, the rest as it was.

    What was not trained is copied from the model's own folder, byte for byte, so that no precision is lost. The
    folder appears whole: it is written beside its final name, then renamed.
    """
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    kept_out = shutil.ignore_patterns(*parts, "README.md", ".*")
    shutil.copytree(model.folder, temporary, ignore=kept_out)
    for part in parts:
        getattr(model, part).save_pretrained(temporary / part, safe_serialization=True)
    (temporary / DEFAULTS_FILE).write_bytes(msgspec.json.encode(model.defaults))
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
