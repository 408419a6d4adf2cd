"""LPIPS: how far apart two pictures are to a VGG-16 that people's judgements have weighed (Zhang et al., 1801.03924).

Its features after each of five blocks are brought to unit length along their channels; the squares of their differences
are weighted by channel and averaged over places, and the five means added. The weights are the person's own: a
safetensors file with the names that `lpips.LPIPS(net="vgg").state_dict()` or torchvision's VGG-16 has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.losses import apart, decoding, unscaled
from sketchdesk.engine.models.lean import TensorFile

BLOCKS = ((64, (0, 2)), (128, (5, 7)), (256, (10, 12, 14)), (512, (17, 19, 21)), (512, (24, 26, 28)))
"""Channels of each block, and the numbers of its convolutions among all of VGG-16's layers."""
MEAN, DEVIATION = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of photographs' colours in −1..1."""
_CONVOLUTION = re.compile(r"(?:slice\d|features)\.(\d+)\.(weight|bias)$")
_WEIGHTS = re.compile(r"lins?\.?(\d)\.model\.\d\.weight$")


class Lpips(nn.Module):
    """The network, and its weights by channel."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        channels = 3
        self.convolutions, self.weights = nn.ModuleDict(), nn.ParameterList()
        for width, numbers in BLOCKS:
            for number in numbers:
                self.convolutions[str(number)] = nn.Conv2d(channels, width, 3, padding=1)
                channels = width
            self.weights.append(torch.zeros(width))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)

    def forward(self, pixels: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean distance of pictures [B, 3, H, W] in −1..1, 16 pixels a side at least, from wanted ones."""
        with torch.no_grad():
            there = list(self._features(wanted))
        return torch.stack([
            (apart(one, other) * weights.view(1, -1, 1, 1)).sum(dim=1).mean()
            for one, other, weights in zip(self._features(pixels), there, self.weights, strict=True)
        ]).sum()  # fmt: skip

    def _features(self, pixels: Tensor) -> Iterator[Tensor]:
        seen = (pixels - self.mean) / self.deviation
        for block, (_width, numbers) in enumerate(BLOCKS):
            seen = F.max_pool2d(seen, 2) if block else seen
            for number in numbers:
                seen = F.relu(self.convolutions[str(number)](seen))
            yield seen


def read_lpips(path: Path) -> Lpips:
    """Return LPIPS with the weights of a file, for use only.

    Raises SketchDeskError: MODEL_NOT_FOUND where there is none, MODEL_UNREADABLE, BAD_INPUT where it holds others.
    """
    if not path.is_file():
        raise SketchDeskError(ErrorKind.MODEL_NOT_FOUND, str(path))
    tensors, network, found = TensorFile(path), Lpips(), dict[str, Tensor]()
    for name in tensors:
        if convolution := _CONVOLUTION.search(name):
            found[f"convolutions.{convolution[1]}.{convolution[2]}"] = tensors[name]
        elif weights := _WEIGHTS.search(name):
            found[f"weights.{weights[1]}"] = tensors[name].flatten()
    try:
        network.load_state_dict(found)
    except RuntimeError as error:
        text = _("“{file}” does not hold the weights of LPIPS with VGG.").format(file=path)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text, str(error)) from error
    return network.eval().requires_grad_(False)


class PictureLikeness:
    """Likeness of latents as LPIPS sees the pictures that a VAE makes of them."""

    def __init__(self, vae: AutoencoderKL, network: Lpips, placement: Placement) -> None:
        """The VAE's decoder keeps little for its gradients from here on, and computes it once more instead."""
        vae.enable_gradient_checkpointing()
        self._vae, self._network, self._placement = vae, network.to(placement.device), placement

    def distance(self, latents: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean distance of scaled latents [B, C, h, w] from the wanted ones; gradients reach the first."""
        with decoding(self._placement):
            with torch.no_grad():
                there = self._pixels(wanted)
            distance: Tensor = self._network(self._pixels(latents), there)
        return distance

    def _pixels(self, latents: Tensor) -> Tensor:
        pixels: Tensor = self._vae.decode(unscaled(self._vae, latents), return_dict=False)[0]
        return pixels.float()
