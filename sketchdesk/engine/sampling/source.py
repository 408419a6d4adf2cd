"""Drawing from a picture: its latents, noised as far as it may change, and the mask of what is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageChops, ImageFilter
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.denoise import draw_noise
from sketchdesk.engine.sampling.inpaint import Inpaint
from sketchdesk.library.models.draw_facts import mask_wanted

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass
class Source:
    """A picture to begin with. What the VAE says of it is kept, so that every batch of a job can use it again."""

    picture: Image.Image
    """RGB."""
    strength: float
    """0..1, how much of the denoising is done: at 1 little or nothing of the picture is left."""
    mask: Image.Image | None = None
    """Greys, white where it is drawn anew."""
    keeps_rest: bool = False
    """Whether what the mask leaves out is the picture itself in the end, and not what the VAE makes of it."""
    _encoded: dict[tuple[Size, bool], Any] = field(default_factory=dict)

    def latents(
        self, model: StableDiffusion, size: Size, generators: Sequence[torch.Generator], holed: bool = False
    ) -> Tensor:
        """Return latents [B, C, h, w] in fp32, one sample a generator; `holed` is the picture less what is masked."""
        if (size, holed) not in self._encoded:
            pixels = picture_tensor(self.picture, size)
            if holed:
                pixels = pixels * (self.mask_tensor(size) < 0.5)
            self._encoded[size, holed] = model.vae.encode(pixels.to(model.device, model.vae.dtype)).latent_dist
        told = self._encoded[size, holed]
        samples = [told.sample(generator) for generator in generators]
        return torch.cat(samples).float() * model.vae.config.scaling_factor

    def mask_tensor(self, size: Size) -> Tensor:
        """Return the mask [1, 1, H, W], 0 or 1."""
        if self.mask is None:
            return torch.ones(1, 1, size[1], size[0])
        grey = np.asarray(self.mask.resize(size, Image.Resampling.LANCZOS), dtype=np.float32) / 255
        return (torch.from_numpy(grey)[None, None] >= 0.5).float()


    def kept_around(self, drawn: Image.Image, edge_px: int) -> Image.Image:
        """Return a drawn picture with the source in place of what is masked out, if that is to be kept.

        They blend within `edge_px` outside of the mask, where both are nearly the same.
        """
        if self.mask is None or not self.keeps_rest:
            return drawn
        sharp = Image.fromarray((self.mask_tensor(drawn.size)[0, 0] * 255).to(torch.uint8).numpy())
        soft = sharp.filter(ImageFilter.BoxBlur(edge_px)).point(lambda grey: min(255, 2 * grey))
        source = self.picture.resize(drawn.size, Image.Resampling.LANCZOS)
        return Image.composite(drawn, source, ImageChops.lighter(sharp, soft))


def picture_tensor(picture: Image.Image, size: Size) -> Tensor:
    """Return an RGB picture as [1, 3, H, W] in −1..1, stretched to `size`."""
    array = np.array(picture.resize(size, Image.Resampling.LANCZOS), dtype=np.float32) / 255
    return torch.from_numpy(array).permute(2, 0, 1)[None] * 2 - 1


def start(
    model: StableDiffusion,
    scheduler: Any,
    first_timestep: Tensor,
    generators: Sequence[torch.Generator],
    size: Size,
    source: Source | None,
) -> tuple[Tensor, Inpaint | None]:
    """Return the latents [B, C, h, w] a drawing begins with, on the U-Net's device, and what inpainting needs.

    `first_timestep` [1]. The generators are asked in the order in which stock pipelines ask: picture, noise, hole.
    """
    cell = model.vae_scale_factor
    shape = (int(model.vae.config.latent_channels), size[1] // cell, size[0] // cell)
    device = model.device
    check_mask(model, source)
    nine = model.inpaints
    if source is None:
        return draw_noise(generators, shape).to(device) * scheduler.init_noise_sigma, None
    # Inpainting at full strength begins with noise alone; the nine channels then show all that is kept.
    from_noise = source.mask is not None and source.strength == 1
    whole = None if from_noise and nine else source.latents(model, size, generators)
    noise = draw_noise(generators, shape).to(device)
    if from_noise or whole is None:
        latents = noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(whole, noise, first_timestep.repeat(len(generators)))
    if source.mask is None:
        return latents, None
    mask = F.interpolate(source.mask_tensor(size), size=shape[1:]).to(device)
    if nine or whole is None:
        return latents, Inpaint(mask, source.latents(model, size, generators, holed=True), noise, by_channels=True)
    draw_noise(generators, shape)  # where a stock pipeline encodes the hole in any case: later noise stays the same
    return latents, Inpaint(mask, whole, noise, by_channels=False)


def check_mask(model: StableDiffusion, source: Source | None) -> None:
    """Raise SketchDeskError(BAD_INPUT) where the model draws only with a picture and a mask, and has none."""
    if model.inpaints and (source is None or source.mask is None):
        raise SketchDeskError(ErrorKind.BAD_INPUT, mask_wanted())
