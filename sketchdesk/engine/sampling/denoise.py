"""The denoising loop, as a generator: progress, previews and cancelling are the caller's affair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from sketchdesk.engine.sampling.clean import predicted_clean
from sketchdesk.engine.sampling.feature_cache import FeatureCache
from sketchdesk.engine.sampling.guidance import Guidance, guided
from sketchdesk.engine.sampling.inpaint import Inpaint
from sketchdesk.engine.sampling.shortcuts import Shortcuts
from sketchdesk.engine.sampling.steps import step_options


class Step(NamedTuple):
    """Where the denoising stands after a step."""

    latents: Tensor
    """[B, C, h, w]."""
    clean: Callable[[], Tensor]
    """Gives the latents [B, C, h, w] the network expects at the end."""


def generators_for(seeds: Sequence[int]) -> list[torch.Generator]:
    """Return one source of noise an image, on the CPU whatever the device: a seed means the same picture everywhere."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def draw_noise(generators: Sequence[torch.Generator], shape: tuple[int, int, int]) -> Tensor:
    """Return standard-normal noise [B, C, h, w] in fp32 on the CPU, each image's from its own generator."""
    return torch.cat([torch.randn((1, *shape), generator=generator) for generator in generators])


@torch.no_grad()
def denoise(
    unet: UNet2DConditionModel,
    scheduler: Any,
    timesteps: Tensor,
    latents: Tensor,
    text_states: Tensor,
    negative_states: Tensor | None,
    guidance: Guidance,
    generators: list[torch.Generator],
    inpaint: Inpaint | None = None,
    shortcuts: Shortcuts | None = None,
) -> Iterator[Step]:
    """Yield where it stands after every step, from `latents` [B, C, h, w] noised as the first of `timesteps` asks.

    `text_states` and `negative_states` are text encoder outputs [B, L, D]; without the second there is no guidance.
    The latents stay in their own precision (fp32): only the U-Net computes in its own.
    """
    options = step_options(scheduler, generators)
    shortcuts = shortcuts or Shortcuts()
    cache = FeatureCache(unet, shortcuts.full_every) if shortcuts.full_every > 1 else None
    for number, timestep in enumerate(timesteps):
        if cache:
            cache.begin_step()
        if negative_states is not None and number >= shortcuts.guided_steps(len(timesteps)):
            negative_states = None
            if cache:
                cache.clear()
        seen = scheduler.scale_model_input(latents, timestep)
        prediction = guided(
            partial(_predict, unet, cache, timestep),
            inpaint.widened(seen) if inpaint else seen,
            text_states,
            negative_states,
            guidance,
        ).to(latents.dtype)
        latents = scheduler.step(prediction, timestep, latents, **options, return_dict=False)[0]
        if inpaint:
            latents = inpaint.restored(latents, scheduler, timesteps[number + 1 : number + 2])
        yield Step(latents, partial(predicted_clean, scheduler, seen, prediction, timestep))


def _predict(
    unet: UNet2DConditionModel, cache: FeatureCache | None, timestep: Tensor, model_input: Tensor, states: Tensor
) -> Tensor:
    given, states = model_input.to(unet.dtype), states.to(unet.dtype)
    said: Tensor
    if cache:
        said = cache.predict(timestep, given, states)
    else:
        said = unet(given, timestep, encoder_hidden_states=states, return_dict=False)[0]
    return said.to(model_input.dtype)
