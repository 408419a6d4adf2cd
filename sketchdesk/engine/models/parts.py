"""The parts of a model that draws, whatever kind of file they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.library.models.families import reads_mask
from sketchdesk.library.models.perflow import is_perflow

DEFAULTS_FILE = "sketchdesk.json"
RECTIFIED_FLOW_CLASS = "RectifiedFlowPipeline"


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """The settings a model draws best with; read from DEFAULTS_FILE in its folder where there is one."""

    guidance_scale: float = 7.5
    num_inference_steps: int = 25


class Drawn(Protocol):
    """How a model draws: what its folder says beside its networks. See StableDiffusion."""

    @property
    def scheduler_config(self) -> dict[str, Any]:
        """The scheduler's settings."""

    @property
    def rectified_flow(self) -> bool:
        """Whether its U-Net says a rectified flow's velocity."""

    @property
    def defaults(self) -> Defaults:
        """What it draws best with."""


@dataclass(frozen=True)
class DrawnBy:
    """How a model draws, without the model."""

    scheduler_config: dict[str, Any]
    rectified_flow: bool
    defaults: Defaults
    family: str = ""


@dataclass
class StableDiffusion:
    """The parts of one model, on one device. `scheduler_config` is the model's own, `folder` where it came from.

    `folder` is a folder in diffusers' layout or a single file. `notices` are sentences the person should read.
    """

    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    scheduler_config: dict[str, Any]
    folder: Path
    defaults: Defaults = field(default_factory=Defaults)
    rectified_flow: bool = False
    family: str = ""
    """A name in library.models.families, "" for a model of its own kind."""
    notices: list[str] = field(default_factory=list)
    word_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What each embedding that was added is called by, by its name in the job."""
    tiny_decoder: AutoencoderTiny | None = None
    text_states: dict[tuple[str, int, bool], Tensor] | None = None
    """Text states [1, L, D] by text, clip skip and weighting; None where the text encoder may change."""

    runs_on: torch.device | None = None
    """Where the networks compute, if they wait elsewhere (engine.offload); None: where they lie."""
    offloaded: str = ""
    """How they wait elsewhere, "" where they do not."""

    @property
    def device(self) -> torch.device:
        """Where the networks compute."""
        return self.runs_on or self.unet.device

    @property
    def vae_scale_factor(self) -> int:
        """Pixels per latent cell along one side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def inpaints(self) -> bool:
        """Whether the U-Net reads mask and kept picture as channels, and so draws only with both."""
        return reads_mask(int(self.unet.config.in_channels), int(self.vae.config.latent_channels))

    @property
    def sample_size_px(self) -> int:
        """Side in pixels of the pictures the U-Net was trained on."""
        return int(self.unet.config.sample_size) * self.vae_scale_factor

    @property
    def prediction_type(self) -> str:
        """What the U-Net predicts: epsilon or v_prediction, or one of PeRFlow's."""
        return prediction_type(self)

    def to(self, device: torch.device) -> StableDiffusion:
        """Move every network and return self."""
        for network in (self.text_encoder, self.unet, self.vae):
            network.to(device)
        return self


def prediction_type(model: Drawn) -> str:
    """Return what a U-Net predicts: epsilon or v_prediction, or one of PeRFlow's. A rectified flow does not say."""
    return str(model.scheduler_config.get("prediction_type", "epsilon"))


def told_prediction(model: Drawn) -> str:
    """Return what a U-Net predicts as files' metadata name it (modelspec.prediction_type)."""
    if model.rectified_flow:
        return "velocity"
    says = prediction_type(model)
    return "v" if says == "v_prediction" else says


def as_pipeline(model: StableDiffusion) -> StableDiffusionPipeline:
    """Return the parts as a stock pipeline, for what diffusers does well: saving a folder.

    PeRFlow's scheduler is none of diffusers'; DDIM's stands in for it.
    """
    import diffusers

    name = "DDIMScheduler" if is_perflow(model.scheduler_config) else model.scheduler_config["_class_name"]
    scheduler_class = getattr(diffusers, name)
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
