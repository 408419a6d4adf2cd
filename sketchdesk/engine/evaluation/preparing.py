"""What a model's own image processor does to a picture, in two halves: sizes in any thread, numbers on the device.

Equal to transformers' processors to the last grey level (both resize with Pillow), without their work for each call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

Pixels = NDArray[np.uint8]
"""One prepared picture, [H, W, 3]."""


@dataclass(frozen=True)
class Preparation:
    """The settings of an image processor. Sizes are in pixels, height before width."""

    size: tuple[int, int] | None
    shortest_edge: int | None
    resample: Image.Resampling
    crop: tuple[int, int] | None
    rescale: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def of(cls, processor: Any) -> Self:
        """Take the settings of a CLIP, SigLIP or BLIP processor of transformers."""
        size = processor.size if processor.do_resize else {}
        edge = size.get("shortest_edge")
        crop = processor.crop_size if getattr(processor, "do_center_crop", False) else None
        normal = processor.do_normalize
        return cls(
            size=None if edge or not size else (size["height"], size["width"]),
            shortest_edge=edge,
            resample=Image.Resampling(processor.resample),
            crop=(crop["height"], crop["width"]) if crop else None,
            rescale=processor.rescale_factor if processor.do_rescale else 1.0,
            mean=tuple(processor.image_mean) if normal else (0.0, 0.0, 0.0),
            deviation=tuple(processor.image_std) if normal else (1.0, 1.0, 1.0),
        )

    def pixels(self, picture: Image.Image) -> Pixels:
        """Return an RGB picture resized and cut as the model wants it. Safe in any thread."""
        width, height = picture.size
        if self.shortest_edge:
            edge, short, long = self.shortest_edge, min(width, height), max(width, height)
            across = int(edge * long / short)
            target = (edge, across) if width <= height else (across, edge)
            picture = picture.resize(target, self.resample)
        elif self.size:
            picture = picture.resize((self.size[1], self.size[0]), self.resample)
        if self.crop:
            high, wide = self.crop
            left, top = (picture.width - wide) // 2, (picture.height - high) // 2
            picture = picture.crop((left, top, left + wide, top + high))
        return np.array(picture)

    def numbers(self, prepared: Sequence[Pixels], device: torch.device, dtype: torch.dtype) -> Tensor:
        """Return [B, 3, H, W], scaled and normalised."""
        stacked = torch.from_numpy(np.stack(prepared)).to(device).permute(0, 3, 1, 2).float()
        mean, deviation = (torch.tensor(values, device=device)[:, None, None] for values in (self.mean, self.deviation))
        return ((stacked * self.rescale - mean) / deviation).to(dtype).contiguous()
