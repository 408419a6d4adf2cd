"""Pictures into latents: the autoencoder's distribution of each, as it is and mirrored.

B is the batch, C latent channels, h and w latent cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.library.dataset.shapes import Shape

ENCODE_PIXELS = 16 * 128 * 128
"""Pixels encoded together."""


def together(shape: Shape) -> int:
    """Return how many pictures of a shape are encoded together."""
    return max(1, ENCODE_PIXELS // (shape.width * shape.height))


def to_pixels(pictures: Sequence[Image.Image]) -> Tensor:
    """Return RGB pictures of one size as [B, 3, H, W] in −1..1."""
    return torch.from_numpy(np.stack([np.asarray(p) for p in pictures])).permute(0, 3, 1, 2).float() / 127.5 - 1


def encode_all(model: StableDiffusion, pictures: Sequence[Image.Image], shape: Shape) -> tuple[Tensor, Tensor]:
    """Return what encode does of any number of pictures of a shape, in no more memory than `together` of them take."""
    size = together(shape)
    parts = [encode(model, to_pixels(pictures[at : at + size])) for at in range(0, len(pictures), size)]
    means, logvars = zip(*parts, strict=True)
    return torch.cat(means), torch.cat(logvars)


@torch.no_grad()
def encode(model: StableDiffusion, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the logarithm of the variance of pixels' latents, each [B, C, h, w] in fp32 on the CPU."""
    posterior = model.vae.encode(pixels.to(model.device, model.vae.dtype)).latent_dist
    return posterior.mean.float().cpu(), posterior.logvar.float().cpu()
