"""What the demo's scorers learn from: scenes in both styles, some mirrored, soft and noisy as drawn by a model."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.scenes import Scene, draw

MIRRORED_SHARE = 0.4
PLAIN_SHARE = 0.5
"""How many of the scenes without a setting are kept: settings, with their backdrops, are what is hard to read."""


def views(seed: int) -> Iterator[tuple[Scene, Image.Image]]:
    """Yield training scenes without end, half of them sketches, and their pictures.

    Fine-tuning may mirror pictures, so some are mirrored here; their nouns are told from left to right all the same.
    """
    rng = random.Random(f"views {seed}")
    for scene in scenes("train", seed, 0.5):
        if not scene.setting and rng.random() >= PLAIN_SHARE:
            continue
        if rng.random() < MIRRORED_SHARE:
            yield replace(scene, nouns=scene.nouns[::-1]), ImageOps.mirror(draw(scene))
        else:
            yield scene, draw(scene)


def softened(pictures: Tensor) -> Tensor:
    """Return pictures [B, 3, H, W] in −1..1 as a diffusion model might have drawn them.

    Half are blurred a little, each differently; all get faint noise and a slightly other contrast and brightness.
    """
    count = pictures.shape[0]

    def amounts(low: float, high: float) -> Tensor:
        return torch.empty(count, 1, 1, 1).uniform_(low, high)

    blurred = F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
    pictures = pictures.lerp(blurred, amounts(-1, 1).clamp(min=0))
    noise = torch.randn_like(pictures) * amounts(0, 0.06)
    return (pictures * amounts(0.85, 1.1) + amounts(-0.08, 0.08) + noise).clamp(-1, 1)
