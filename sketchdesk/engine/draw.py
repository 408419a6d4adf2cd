"""Draw one batch of pictures with a loaded model: the one sampling path of generation, training and evaluation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny
from PIL import Image
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import FastPart, Sampler
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.denoise import Step, denoise, generators_for
from sketchdesk.engine.sampling.guidance import Guidance
from sketchdesk.engine.sampling.samplers import make_scheduler
from sketchdesk.engine.sampling.shortcuts import shortcuts_of
from sketchdesk.engine.sampling.source import Source, start
from sketchdesk.engine.sampling.steps import choose_steps
from sketchdesk.engine.sampling.text import encode_text

EDGE_PX = 4
"""How far around a mask the picture and its source blend, at most; half a latent cell where that is less. Pictures do
not remember it, so that another number would change those that are made again.
"""
OnStep = Callable[[int, int, Step], None]
"""Called after every step with (steps done, steps in all, where it stands)."""


@dataclass(frozen=True)
class DrawSettings:
    """What every picture of a batch shares. Sizes in pixels; guidance at or below 1 draws without guidance."""

    num_inference_steps: int
    guidance_scale: float
    sampler: Sampler | None
    width: int
    height: int
    guidance_rescale: float = 0.0
    clip_skip: int = 0
    prompt_weighting: bool = False
    """Whether brackets in the prompts weigh their words (see sampling.weighting)."""
    sequential_guidance: bool = False
    fast: tuple[FastPart, ...] = ()
    """Shortcuts; a tiny decoder must have been given to the model."""


@dataclass(frozen=True)
class Drawing:
    """Pictures with the seconds each part of the work took for the whole batch, and how many steps it went through."""

    images: list[Image.Image]
    text_s: float
    denoise_s: float
    decode_s: float
    steps_taken: int


class DrawnLatents(NamedTuple):
    """Scaled latents [B, C, h, w] in fp32, with the seconds that text and denoising took for the whole batch, and the
    steps these went through.
    """

    latents: Tensor
    text_s: float
    denoise_s: float
    steps_taken: int


def settings_for(model: StableDiffusion, settings: DrawSettings) -> DrawSettings:
    """Return settings the model can draw with. Raises BAD_INPUT for a size that is no multiple of the latent cell."""
    cell = model.vae_scale_factor
    if settings.width % cell or settings.height % cell:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("Width and height must be multiples of {cell} pixels for this model.").format(cell=cell),
        )
    return replace(settings, guidance_scale=settings.guidance_scale if settings.guidance_scale > 1 else 0.0)


@torch.no_grad()
def draw_batch(
    model: StableDiffusion,
    prompts: Sequence[str],
    negative_prompts: Sequence[str],
    seeds: Sequence[int],
    settings: DrawSettings,
    on_step: OnStep | None = None,
    source: Source | None = None,
) -> Drawing:
    """Draw one picture a prompt, from noise or from a `source`; the three sequences have equal length.

    Each picture has its own generator, so its batch moves it only by rounding.
    """
    drawn = draw_latents(model, prompts, negative_prompts, seeds, settings, on_step, source)
    began = time.perf_counter()
    images = decode((model.tiny_decoder if "tiny_decoder" in settings.fast else None) or model.vae, drawn.latents)
    if source is not None:
        images = [source.kept_around(image, min(EDGE_PX, model.vae_scale_factor // 2)) for image in images]
    return Drawing(images, drawn.text_s, drawn.denoise_s, time.perf_counter() - began, drawn.steps_taken)


@torch.no_grad()
def draw_latents(
    model: StableDiffusion,
    prompts: Sequence[str],
    negative_prompts: Sequence[str],
    seeds: Sequence[int],
    settings: DrawSettings,
    on_step: OnStep | None = None,
    source: Source | None = None,
) -> DrawnLatents:
    """Draw as draw_batch does, as far as the latents."""
    settings = settings_for(model, settings)
    device = model.device
    guidance = Guidance(settings.guidance_scale, settings.guidance_rescale, settings.sequential_guidance)
    started = time.perf_counter()
    encode = partial(encode_text, model, weighted=settings.prompt_weighting)
    text_states = encode(prompts, clip_skip=settings.clip_skip)
    negative_states = encode(negative_prompts) if guidance.on else None  # whole, as stock pipelines have it
    _wait_for(device)
    encoded = time.perf_counter()
    scheduler = make_scheduler(settings.sampler, model.scheduler_config, model.rectified_flow)
    timesteps = choose_steps(scheduler, settings.num_inference_steps, device, source.strength if source else 1.0)
    generators = generators_for(seeds)
    latents, inpaint = start(model, scheduler, timesteps[:1], generators, (settings.width, settings.height), source)
    path = denoise(
        model.unet, scheduler, timesteps, latents, text_states, negative_states, guidance, generators, inpaint,
        shortcuts_of(settings.fast),
    )  # fmt: skip
    for done, step in enumerate(path, start=1):
        latents = step.latents
        if on_step:
            on_step(done, len(timesteps), step)
    _wait_for(device)
    return DrawnLatents(latents, encoded - started, time.perf_counter() - encoded, len(timesteps))


@torch.no_grad()
def decode(decoder: AutoencoderKL | AutoencoderTiny, latents: Tensor) -> list[Image.Image]:
    """Return the pictures of latents [B, C, h, w]."""
    decoded = decoder.decode((latents / decoder.config.scaling_factor).to(decoder.dtype), return_dict=False)[0]
    if not torch.isfinite(decoded).all():
        raise no_picture()
    array = (decoded.float() / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(picture) for picture in (array * 255).round().astype(np.uint8)]


def no_picture() -> SketchDeskError:
    """Return the sentence for numbers that are infinite or none."""
    text = _("The model drew numbers that are no picture; fp16 overflows in some models, choose bf16 or fp32.")
    return SketchDeskError(ErrorKind.BAD_INPUT, text)


def _wait_for(device: torch.device) -> None:
    """Let queued GPU work finish, so that a clock read next tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
