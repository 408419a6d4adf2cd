"""Batches of a teacher's pairs: a pure function of their number, so that a resumed run sees what it would have seen."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from sketchdesk.engine.training.order import Order
from sketchdesk.library.distillation.pairs import PairSet


class PairBatch(NamedTuple):
    """Pairs on the device, in fp32."""

    noise: Tensor
    """z, [B, C, h, w], standard normal."""
    latents: Tensor
    """x0, [B, C, h, w], scaled as the U-Net sees them: what the teacher draws of z."""
    captions: list[str]


class PairBatches:
    """The training pairs in shuffled passes, `size` at a time; each distinct batch has a number from 0."""

    def __init__(self, pairs: PairSet, size: int, seed: int, device: torch.device) -> None:
        self._pairs, self._device = pairs, device
        self._indices = [int(index) for index in pairs.train]
        self._order = Order([0] * len(self._indices), [1] * len(self._indices), size, seed)

    def at(self, number: int) -> PairBatch:
        """Return that batch."""
        return self.of([self._indices[shown.example] for shown in self._order.at(number)])

    def of(self, indices: list[int]) -> PairBatch:
        """Return the pairs with these indices of the set."""
        noise, latents = (
            torch.from_numpy(read(indices)).to(self._device) for read in (self._pairs.noise, self._pairs.latents)
        )
        return PairBatch(noise, latents, self._pairs.captions(indices))
