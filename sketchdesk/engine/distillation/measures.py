"""How good a student is on pairs it never saw: near its teacher's pictures, on straight paths, and as varied.

Latents are [B, C, h, w]; a velocity is z − x0, and noise shares s run from 1 (noise) to 0 (picture).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.distillation.velocity_model import Ends, FlowView
from sketchdesk.library.distillation.pairs import PairSet
from sketchdesk.library.distillation.report import StepMarks


class Extent(NamedTuple):
    """How much is measured at most."""

    pairs: int
    """That are looked at."""
    paths: int
    """Of them, those that are walked whole."""
    path_steps: int
    """Euler steps along which straightness is measured."""
    captions: int
    """Among which variety is measured …"""
    same_caption: int = 8
    """… in so many pictures of each."""


FULL = Extent(pairs=64, paths=16, path_steps=50, captions=8)
GLANCE = Extent(pairs=16, paths=4, path_steps=16, captions=4)
"""While it learns: an eighth of the passes of a one-step student."""


class Drawer(Protocol):
    """A student, or a teacher asked like one."""

    @property
    def view(self) -> FlowView:
        """Its U-Net as a velocity field."""

    def ends(self, x: Tensor, s: Tensor, captions: Sequence[str]) -> Ends:
        """Return x̂0 and ẑ as it sees them from x_s, [B, C, h, w]."""


Draw = Callable[[Tensor, Sequence[str], int], Tensor]
"""(noise, captions, steps) → latents."""
Velocity = Callable[[Tensor, Tensor, Sequence[str]], Tensor]
"""(x_s, s [B], captions) → velocity."""
Decode = Callable[[Tensor], Tensor]
"""Latents → pixels in −1..1."""


class Straightness(NamedTuple):
    """S = ∫₀¹ E‖(z − x0) − v(x_s, s)‖² ds along the model's own paths (Liu et al., 2209.03003), 0 for straight ones."""

    value: float
    relative: float
    """Of E‖z − x0‖²."""


@torch.no_grad()
def straightness(
    velocity: Callable[[Tensor, Tensor], Tensor], noise: Tensor, steps: int = FULL.path_steps
) -> Straightness:
    """Return how straight the paths from `noise` [B, …] are, walked by Euler's method.

    The mean of the velocities is z − x0 itself, so that S is their mean square less its own.
    """
    return _straightness(*_squares(velocity, noise, steps))


def _straightness(square: float, whole: float) -> Straightness:
    value = max(0.0, square - whole)
    return Straightness(value, value / whole if whole else 0.0)


def _squares(velocity: Callable[[Tensor, Tensor], Tensor], noise: Tensor, steps: int) -> tuple[float, float]:
    """Return the mean square of the velocities on the way, and that of z − x0, over samples."""
    x, square, total = noise, 0.0, torch.zeros_like(noise, dtype=torch.float64)
    for number in range(steps):
        v = velocity(x, torch.full((len(x),), 1 - number / steps, device=x.device)).double()
        square += _mean_square(v) / steps
        total += v / steps
        x = (x - v / steps).to(noise.dtype)
    return square, _mean_square(total)


def psnr(mean_square: float) -> float:
    """Return the peak signal-to-noise ratio of pixels in −1..1 with this mean squared error, in dB, at most 100."""
    return 10 * math.log10(4 / max(mean_square, 4e-10))


def variety(groups: Sequence[Tensor]) -> float:
    """Return the mean distance between two pictures of one group, over groups [n, …] of at least two."""
    apart = [torch.dist(group[one].double(), group[other].double()).item()
             for group in groups for one, other in combinations(range(len(group)), 2)]  # fmt: skip
    return sum(apart) / len(apart) if apart else math.nan


@dataclass(frozen=True)
class HeldOut:
    """The pairs a student is measured by: held-out ones, and some of one caption each to see how varied it is."""

    pairs: PairSet
    device: torch.device
    decode: Decode
    portions: Portions
    """How many are drawn at once."""
    extent: Extent = FULL

    @property
    def shown(self) -> list[int]:
        """Indices of the pairs that are looked at, of captions seen and unseen alike."""
        held_out = self.pairs.held_out
        return [int(held_out[place]) for place in np.linspace(0, len(held_out) - 1, self.count).round().astype(int)]

    @property
    def count(self) -> int:
        """How many they are."""
        return min(self.extent.pairs, len(self.pairs.held_out))

    def alike(self) -> list[list[int]]:
        """Return groups of indices of one caption each, held-out pairs before others."""
        groups: dict[str, list[int]] = {}
        for index in [*self.pairs.held_out.tolist(), *self.pairs.train.tolist()]:
            group = groups.setdefault(self.pairs.pairs[index].caption, [])
            if len(group) < self.extent.same_caption:
                group.append(index)
        several = sorted((group for group in groups.values() if len(group) > 1), key=len, reverse=True)
        return several[: self.extent.captions]

    @torch.no_grad()
    def marks(self, draw: Draw, steps: int) -> StepMarks:
        """Return how near a model's pictures are to the teacher's when it draws in so many steps."""
        found = [errors for _part, errors in self.portions.of(self.shown, partial(self._errors, draw, steps))]
        of_latents, numbers, of_pixels, pixels = (sum(each) for each in zip(*found, strict=True))
        return StepMarks(
            steps=steps, latent_mse=of_latents / numbers, psnr=psnr(of_pixels / pixels),
            variety=self._variety(draw, steps),
        )  # fmt: skip

    def straightness(self, velocity: Velocity) -> Straightness:
        """Return how straight a model's paths are; see `straightness`."""

        def walked(indices: Sequence[int]) -> tuple[float, float]:
            captions = self.pairs.captions(indices)
            return _squares(lambda x, s: velocity(x, s, captions), self._noise(indices), self.extent.path_steps)

        with torch.no_grad():
            shown = self.shown[: self.extent.paths]
            found = [(len(part) / len(shown), squares) for part, squares in self.portions.of(shown, walked)]
        square, whole = (sum(share * squares[which] for share, squares in found) for which in (0, 1))
        return _straightness(square, whole)

    def _errors(self, draw: Draw, steps: int, indices: Sequence[int]) -> tuple[float, int, float, int]:
        """Return the squared errors of latents added up, and of how many numbers; and the same of pixels."""
        wanted = self._latents(indices)
        drawn = draw(self._noise(indices), self.pairs.captions(indices), steps)
        there, here = self.decode(wanted).clamp(-1, 1), self.decode(drawn).clamp(-1, 1)
        return (
            (drawn - wanted).double().square().sum().item(), wanted.numel(),
            (here - there).double().square().sum().item(), there.numel(),
        )  # fmt: skip

    def _variety(self, draw: Draw, steps: int) -> float | None:
        """Return how varied its pictures of one caption are, the teacher's being 1; None without such pairs."""
        groups = self.alike()
        if not groups:
            return None

        def drawn(indices: Sequence[int]) -> Tensor:
            return draw(self._noise(indices), self.pairs.captions(indices), steps)

        each = [torch.cat([part for _part, part in self.portions.of(group, drawn)]) for group in groups]
        teachers = variety([self._latents(group) for group in groups])
        return variety(each) / teachers if teachers > 0 else None

    def _noise(self, indices: Sequence[int]) -> Tensor:
        return torch.from_numpy(self.pairs.noise(indices)).to(self.device)

    def _latents(self, indices: Sequence[int]) -> Tensor:
        return torch.from_numpy(self.pairs.latents(indices)).to(self.device)


def _mean_square(values: Tensor) -> float:
    return values.flatten(1).square().sum(dim=1).mean().item()
