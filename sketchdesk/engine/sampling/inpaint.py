"""Inpainting: what of a picture is drawn anew, and how the rest is kept while the denoising goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Inpaint:
    """The mask and what it leaves, in latent cells.

    A U-Net of nine channels is told both beside the latents, at every step (stable-diffusion-inpainting). One of four
    knows nothing of masks: after each step what is to be kept is put back, noised as the next step expects it.
    """

    mask: Tensor
    """[1, 1, h, w], 1 where it is drawn anew."""
    kept: Tensor
    """[B, C, h, w]: the whole picture's latents, or, for nine channels, those of the picture with a hole in it."""
    noise: Tensor
    """[B, C, h, w]: what the whole picture is noised with."""
    by_channels: bool

    def widened(self, model_input: Tensor) -> Tensor:
        """Return the model input with the channels that a U-Net of nine reads: mask and kept picture."""
        if not self.by_channels:
            return model_input
        mask = self.mask.to(model_input).expand(len(model_input), -1, -1, -1)
        return torch.cat([model_input, mask, self.kept.to(model_input)], dim=1)

    def restored(self, latents: Tensor, scheduler: Any, next_timestep: Tensor) -> Tensor:
        """Return the latents after a step with the kept part put back; `next_timestep` [1], or [0] after the last."""
        if self.by_channels:
            return latents
        kept = self.kept
        if len(next_timestep):
            kept = scheduler.add_noise(kept, self.noise, next_timestep)
        return (1 - self.mask) * kept + self.mask * latents
