"""The denoising loop, as a generator: progress, previews and cancelling are the caller's affair."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.sampling.clean import predicted_clean


class Step(NamedTuple):
    """Where the denoising stands after a step."""

    latents: Tensor
    """[B, C, h, w]."""
    clean: Callable[[], Tensor]
    """Gives the latents [B, C, h, w] the network expects at the end."""


def initial_noise(seeds: Sequence[int], shape: tuple[int, int, int]) -> tuple[Tensor, list[torch.Generator]]:
    """Return x_T [B, C, h, w] in fp32 and the generators it came from, one an image.

    Drawn on the CPU whatever the device, so that a seed means the same picture everywhere.
    """
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    noise = [torch.randn((1, *shape), generator=generator) for generator in generators]
    return torch.cat(noise), generators


@torch.no_grad()
def denoise(
    unet: UNet2DConditionModel,
    scheduler: Any,
    latents: Tensor,
    text_states: Tensor,
    negative_states: Tensor | None,
    guidance_scale: float,
    num_inference_steps: int,
    generators: list[torch.Generator],
) -> Iterator[Step]:
    """Yield where it stands after every step, from standard-normal `latents`.

    `text_states` and `negative_states` are text encoder outputs [B, L, D]. Classifier-free guidance (Ho & Salimans,
    2207.12598), ε = ε_neg + g (ε_text − ε_neg), is used when `negative_states` is given; both halves go through
    the U-Net as one batch. The latents stay in their own precision (fp32): only the U-Net computes in its own.
    """
    _set_steps(scheduler, num_inference_steps, latents.device)
    options = _step_options(scheduler, generators)
    guided = negative_states is not None
    states = torch.cat([negative_states, text_states]) if negative_states is not None else text_states
    states = states.to(unet.dtype)
    latents = latents * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        doubled = torch.cat([latents, latents]) if guided else latents
        model_input = scheduler.scale_model_input(doubled, timestep)
        prediction = unet(model_input.to(unet.dtype), timestep, encoder_hidden_states=states, return_dict=False)[0]
        prediction = prediction.to(latents.dtype)
        if guided:
            negative, text = prediction.chunk(2)
            prediction = negative + guidance_scale * (text - negative)
        latents = scheduler.step(prediction, timestep, latents, **options, return_dict=False)[0]
        seen = model_input.chunk(2)[0] if guided else model_input
        yield Step(latents, partial(predicted_clean, scheduler, seen, prediction, timestep))


def _set_steps(scheduler: Any, num_inference_steps: int, device: torch.device) -> None:
    """Choose the timesteps; refuse a number for which a scheduler with an offset would leave its noise schedule."""
    scheduler.set_timesteps(num_inference_steps, device=device)
    schedule = getattr(scheduler, "alphas_cumprod", None)
    if schedule is not None and scheduler.timesteps.max() > len(schedule) - 1:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("This sampler takes fewer than {steps} steps with this model.").format(steps=num_inference_steps),
        )


def _step_options(scheduler: Any, generators: list[torch.Generator]) -> dict[str, Any]:
    """Return what a step takes beyond the sample: its noise source, and eta = 0 as in stock pipelines."""
    offered = {"generator": generators, "eta": 0.0}
    return {name: value for name, value in offered.items() if name in inspect.signature(scheduler.step).parameters}
