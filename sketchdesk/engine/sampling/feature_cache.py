"""Using features again: between steps only the outermost layers of the U-Net run, on what the inner ones said before.

Ma, Fang & Wang, "DeepCache: Accelerating Diffusion Models for Free" (2312.00858), with the outermost skip connection:
what the inner layers make of one step hardly differs from what they make of the next.
"""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn


class FeatureCache:
    """Asks a U-Net, wholly at every `full_every`-th step and in its outermost layers between. For one denoising."""

    def __init__(self, unet: UNet2DConditionModel, full_every: int) -> None:
        self._unet = unet
        self._full_every = full_every
        self._inner: dict[int, Tensor] = {}
        self._step = -1
        self._call = 0

    def begin_step(self) -> None:
        """Say that the next call belongs to another step."""
        self._step += 1
        self._call = 0
        if self._step % self._full_every == 0:
            self._inner.clear()

    def clear(self) -> None:
        """Forget what was kept, as is due where other pictures or texts are asked for together."""
        self._inner.clear()

    def predict(self, timestep: Tensor, model_input: Tensor, states: Tensor) -> Tensor:
        """Return the prediction [B, C, h, w]. The calls of each step are told apart by their order."""
        call, self._call = self._call, self._call + 1
        if call in self._inner:
            return outermost(self._unet, timestep, model_input, states, self._inner[call])
        prediction, self._inner[call] = whole(self._unet, timestep, model_input, states)
        return prediction


def whole(
    unet: UNet2DConditionModel, timestep: Tensor, model_input: Tensor, states: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the U-Net's prediction [B, C, h, w], and the features [B, F, h, w] its last layers began with."""
    kept: list[Tensor] = []
    skip = int(unet.conv_in.out_channels)

    def keep(_layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        kept.append(given[0][:, :-skip].clone())

    handle = unet.up_blocks[-1].resnets[-1].register_forward_pre_hook(keep)
    try:
        prediction: Tensor = unet(model_input, timestep, encoder_hidden_states=states, return_dict=False)[0]
    finally:
        handle.remove()
    return prediction, kept[0]


def outermost(
    unet: UNet2DConditionModel, timestep: Tensor, model_input: Tensor, states: Tensor, inner: Tensor
) -> Tensor:
    """Return the prediction [B, C, h, w] of the first and the last layers alone, given the features between them."""
    time = unet.time_embedding(unet.get_time_embed(sample=model_input, timestep=timestep))
    block = unet.up_blocks[-1]
    hidden = block.resnets[-1](torch.cat([inner, unet.conv_in(model_input)], dim=1), time)
    if attentions := getattr(block, "attentions", None):
        hidden = attentions[-1](hidden, encoder_hidden_states=states, return_dict=False)[0]
    prediction: Tensor = unet.conv_out(unet.conv_act(unet.conv_norm_out(hidden)))
    return prediction
