"""From image-caption examples to training batches: crop, encode once, then serve latents in a seeded order.

B is the batch, C latent channels, h and w latent cells, L tokens, D the text width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.datasets import Example

ENCODE_PIXELS = 16 * 128 * 128
"""Pixels encoded together."""


def load_picture(path: Path, resolution: int, crop: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """Return the picture as RGB, upright, its short side resized to `resolution`, cropped to a square.

    `crop` places the square, 0..1 along each side; (0.5, 0.5) is the centre. Transparency is laid on white.
    """
    with Image.open(path) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    return ImageOps.fit(flat, (resolution, resolution), Image.Resampling.LANCZOS, centering=crop)


def to_pixels(pictures: Sequence[Image.Image]) -> Tensor:
    """Return RGB pictures of one size as [B, 3, H, W] in −1..1."""
    return torch.from_numpy(np.stack([np.asarray(p) for p in pictures])).permute(0, 3, 1, 2).float() / 127.5 - 1


@dataclass(frozen=True)
class LatentSet:
    """Every example's latent distribution, as drawn and mirrored, in fp32, with its caption.

    mean, std: [2, N, C, h, w]; index 0 is the picture as it is, 1 mirrored (only there when flips are on).
    """

    mean: Tensor
    std: Tensor
    captions: list[str]
    scaling_factor: float

    def __len__(self) -> int:
        return len(self.captions)

    def split(self, share: float, seed: int) -> tuple[LatentSet, LatentSet | None]:
        """Return (what is trained on, what is held out): about `share` of the examples, drawn by the seed.

        Nothing is held out for a share of 0; otherwise at least one example is, and at least one is not.
        """
        count = min(max(1, round(share * len(self))), len(self) - 1) if share > 0 else 0
        if count <= 0:
            return self, None
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(step_seed(seed, 0, 4)))
        return self._only(order[count:].sort().values), self._only(order[:count].sort().values)

    def _only(self, indices: Tensor) -> LatentSet:
        captions = [self.captions[int(index)] for index in indices]
        return LatentSet(self.mean[:, indices], self.std[:, indices], captions, self.scaling_factor)

    def sample(self, indices: Tensor, flipped: Tensor, generator: torch.Generator) -> Tensor:
        """Draw scaled latents [B, C, h, w] from the examples' distributions."""
        mean, std = self.mean[flipped, indices], self.std[flipped, indices]
        noise = torch.randn(mean.shape, generator=generator)
        return (mean + std * noise) * self.scaling_factor


@torch.no_grad()
def encode_examples(
    examples: Sequence[Example],
    model: StableDiffusion,
    resolution: int,
    center_crop: bool,
    random_flip: bool,
    seed: int,
    reporter: Reporter,
) -> LatentSet:
    """Run every readable picture through the VAE once. Unreadable ones are left out and named in a notice."""
    group = max(1, ENCODE_PIXELS // resolution**2)
    generator = torch.Generator().manual_seed(seed)
    means: list[Tensor] = []
    stds: list[Tensor] = []
    captions: list[str] = []
    for start in range(0, len(examples), group):
        pictures = []
        for example in examples[start : start + group]:
            x, y = (0.5, 0.5) if center_crop else torch.rand(2, generator=generator).tolist()
            try:
                pictures.append(load_picture(example.path, resolution, (x, y)))
            except (OSError, ValueError, Image.DecompressionBombError) as error:
                reporter.notice(
                    _("Left out {name}: it cannot be read ({reason}).").format(name=example.path.name, reason=error),
                    "warning",
                )
                continue
            captions.append(example.caption)
        if pictures:
            mean, std = _encode(model, to_pixels(pictures), random_flip)
            means.append(mean)
            stds.append(std)
        reporter.step(min(start + group, len(examples)), len(examples))
    if not captions:
        raise SketchDeskError(ErrorKind.DATASET_UNREADABLE, str(examples[0].path.parent), "no readable image")
    return LatentSet(torch.cat(means, 1), torch.cat(stds, 1), captions, model.vae.config.scaling_factor)


def _encode(model: StableDiffusion, pixels: Tensor, random_flip: bool) -> tuple[Tensor, Tensor]:
    """Return latent mean and std, each [1 or 2, B, C, h, w] in fp32 on the CPU."""
    views = [pixels, pixels.flip(-1)] if random_flip else [pixels]
    means, stds = [], []
    for view in views:
        posterior = model.vae.encode(view.to(model.vae.device, model.vae.dtype)).latent_dist
        means.append(posterior.mean.float().cpu())
        stds.append(posterior.std.float().cpu())
    return torch.stack(means), torch.stack(stds)


def batch_indices(count: int, batch: int, step: int, seed: int) -> Tensor:
    """Return which examples micro-batch number `step` shows: shuffled passes over the set, seamless at their ends.

    A pure function of its arguments, so a resumed run goes on with exactly the examples it would have seen.
    """
    wanted = torch.arange(step * batch, (step + 1) * batch)
    passes = {int(p): _permutation(count, int(p), seed) for p in torch.unique(wanted // count)}
    return torch.stack([passes[int(n) // count][int(n) % count] for n in wanted])


def _permutation(count: int, epoch: int, seed: int) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(step_seed(seed, epoch, 1)))


def step_seed(seed: int, step: int, purpose: int) -> int:
    """Return a seed for one purpose at one step, far from those of its neighbours (splitmix64's mixing)."""
    mask = 2**64 - 1
    value = (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + purpose * 0x94D049BB133111EB) & mask
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
    return (value ^ (value >> 31)) >> 1


def chunks(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the texts in runs of `size`."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
