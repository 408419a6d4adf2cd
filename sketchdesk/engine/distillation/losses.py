"""How far a student's answer is from what it should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.networks import autocast

HUBER_SHARE = 0.00054
"""Of the root of a sample's size (Song & Dhariwal, 2310.14189)."""
DECODER_BLOCKS = 2
"""So many of the decoder's halves of resolution are compared; later ones cost most and tell of pixels."""


def pseudo_huber(error: Tensor, c: float | None = None) -> Tensor:
    """Return the mean over samples of (√(‖e‖² + c²) − c) / √d, of errors [B, …] with d numbers each.

    Beyond c an error counts by its size, and no outlier leads (2310.14189). None takes HUBER_SHARE √d for c.
    """
    squares = error.float().flatten(1).square().mean(dim=1)
    width = HUBER_SHARE if c is None else c / error[0].numel() ** 0.5
    return ((squares + width**2).sqrt() - width).mean()


class Likeness(Protocol):
    """What else than numbers of latents says how near a student came."""

    def distance(self, latents: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean distance of scaled latents [B, C, h, w] from the wanted ones; gradients reach the first."""


class DecoderFeatures:
    """Likeness of latents as the first layers of a VAE's decoder see it: what matters in a picture counts more.

    As LPIPS does (Zhang et al., 1801.03924), features are brought to unit length along their channels, and the squares
    of their differences averaged over places and layers. No weights beyond the model's own are needed.
    """

    def __init__(self, vae: AutoencoderKL, placement: Placement, recomputes: bool = False) -> None:
        """`recomputes` keeps one layer's activations at a time, and computes them once more for the gradients."""
        self._vae, self._placement, self._recomputes = vae, placement, recomputes

    def distance(self, latents: Tensor, wanted: Tensor) -> Tensor:
        """See Likeness."""
        with decoding(self._placement):
            with torch.no_grad():
                there = list(self._features(wanted))
            here = list(self._features(latents))
        layers = [apart(one, other).sum(dim=1).mean() for one, other in zip(here, there, strict=True)]
        return torch.stack(layers).mean()

    def _features(self, latents: Tensor) -> Iterator[Tensor]:
        vae, decoder = self._vae, self._vae.decoder
        seen = unscaled(vae, latents)
        if vae.post_quant_conv is not None:
            seen = vae.post_quant_conv(seen)
        seen = self._through(decoder.mid_block, decoder.conv_in(seen))
        yield seen
        for block in decoder.up_blocks[:DECODER_BLOCKS]:
            for layer in block.resnets:
                seen = self._through(layer, seen, None)  # there is no time in an autoencoder
            for layer in block.upsamplers or ():
                seen = self._through(layer, seen)
            yield seen

    def _through(self, layer: Any, *given: Any) -> Tensor:
        if self._recomputes and torch.is_grad_enabled():
            return checkpoint(layer, *given, use_reentrant=False)
        seen: Tensor = layer(*given)
        return seen


def decoding(placement: Placement) -> AbstractContextManager[Any]:
    """Compute in bf16 where the placement does; in fp16 many a VAE overflows."""
    return autocast(placement) if placement.dtype == torch.bfloat16 else nullcontext()


def unscaled(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """Return scaled latents as a VAE has them, in its precision."""
    return (latents / vae.config.scaling_factor).to(vae.dtype)


def apart(one: Tensor, other: Tensor) -> Tensor:
    """Return the squares [B, C, h, w] of how far features are apart that are brought to unit length first."""
    return (F.normalize(one.float(), dim=1) - F.normalize(other.float(), dim=1)).square()
