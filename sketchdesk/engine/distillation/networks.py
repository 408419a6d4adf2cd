"""The networks of a distillation: how they are asked, and in which precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.time_map import NoisePath, VPPath
from sketchdesk.engine.distillation.velocity_model import Few, FlowView, Head, Predict, full
from sketchdesk.engine.distillation.window_path import WindowPath, noise_said
from sketchdesk.engine.models.parts import Drawn, prediction_type
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.perflow import PeRFlowScheduler
from sketchdesk.library.models.perflow import is_perflow


def head_of(model: Drawn) -> Head:
    """Return what a model's U-Net says; a PeRFlow's comes to the noise in what it sees (window_path.noise_said)."""
    if model.rectified_flow:
        return "velocity"
    return "epsilon" if is_perflow(model.scheduler_config) else cast("Head", prediction_type(model))


def path_of(scheduler_config: Mapping[str, Any]) -> NoisePath:
    """Return the path from noise to picture of a model that is no rectified flow."""
    if is_perflow(scheduler_config):
        return WindowPath(PeRFlowScheduler.of(scheduler_config).windows)
    return VPPath.of(scheduler_config)


def view_of(
    model: StableDiffusion, placement: Placement, predict: Predict | None = None, sampler: Few = "ddim"
) -> FlowView:
    """Return a model's U-Net as a velocity field; `predict` asks it otherwise than plainly, `sampler` draws with it."""
    ask = predict or plainly(model.unet, placement)
    if model.rectified_flow:
        return FlowView(ask, "velocity")
    path = path_of(model.scheduler_config)
    if isinstance(path, WindowPath):
        ask = noise_said(ask, path.windows)
    return FlowView(ask, head_of(model), path, sampler)


def plainly(unet: UNet2DConditionModel, placement: Placement) -> Predict:
    """Return how to ask a U-Net, under autocast."""

    def predict(x: Tensor, timesteps: Tensor, states: Tensor) -> Tensor:
        with autocast(placement):
            said: Tensor = unet(x, timesteps, encoder_hidden_states=states, return_dict=False)[0]
        return said

    return predict


def guided(predict: Predict, empty: Callable[[int], Tensor], scale: float) -> Predict:
    """Return how to ask with guidance: what it says without a text, and `scale` times the difference a text makes.

    `empty(n)` gives the states [n, L, D] of no text. See sampling.guidance.
    """
    if scale <= 1:
        return predict

    def ask(x: Tensor, timesteps: Tensor, states: Tensor) -> Tensor:
        both = torch.cat([empty(len(x)), states])
        without, within = full(predict(torch.cat([x, x]), torch.cat([timesteps, timesteps]), both)).chunk(2)
        return without + scale * (within - without)

    return ask


def autocast(placement: Placement) -> AbstractContextManager[Any]:
    """Compute in the placement's precision."""
    if placement.dtype == torch.float32:
        return nullcontext()
    return torch.autocast(placement.device.type, placement.dtype)


def answer_in_fp32(unet: UNet2DConditionModel, device: torch.device) -> None:
    """Compute the last layer in fp32 even under autocast: at pure noise an ε's rounding counts 1 / α, about 15, times.

    Not for a network that is copied later: the copy would ask this one's layer.
    """
    layer: Any = unet.conv_out.float()
    plain = layer.forward

    def forward(x: Tensor) -> Tensor:
        with torch.autocast(device.type, enabled=False):
            answer: Tensor = plain(x.float())
        return answer

    layer.forward = forward
