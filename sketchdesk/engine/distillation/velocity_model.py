"""Any U-Net seen as a velocity field v = z − x0 of straight paths x_s = (1 − s) x0 + s z, s the share of noise.

What a U-Net says of x = α x0 + σ z: ε means z; ν = α z − σ x0 (Salimans & Ho, 2202.00512); or x0 itself. A rectified
flow's U-Net sees x_s at the time 1000 s and says x0 − z, the velocity towards the data (2309.06380). All is affine in
x and what is said, so guidance before a conversion and after it are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from sketchdesk.engine.distillation.time_map import VPPath, length_of

Head = Literal["epsilon", "v_prediction", "sample", "velocity"]
Predict = Callable[[Tensor, Tensor, Tensor], Tensor]
"""A U-Net: (what it sees [B, C, h, w], timesteps [B], text states [B, L, D]) → what it says [B, C, h, w]."""

FLOW_STEPS = 1000.0
"""The time a rectified flow's U-Net is given at pure noise."""


def velocity_from(head: Head, said: Tensor, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return v = z − x0 of what a `head` said of x = α x0 + σ z; the scales broadcast. Not for "velocity"."""
    if head == "epsilon":
        return ((alpha + sigma) * said - x) / alpha
    if head == "v_prediction":
        return (sigma - alpha) * x + (alpha + sigma) * said
    return (x - (alpha + sigma) * said) / sigma


def velocity_to(head: Head, velocity: Tensor, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return what a `head` says of x = α x0 + σ z where the velocity is that; the inverse of velocity_from."""
    if head == "epsilon":
        return (alpha * velocity + x) / (alpha + sigma)
    if head == "v_prediction":
        return (velocity - (sigma - alpha) * x) / (alpha + sigma)
    return (x - sigma * velocity) / (alpha + sigma)


def clean_from(head: Head, said: Tensor, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return x̂0 of what a `head` said of x = α x0 + σ z. Not for "velocity"."""
    if head == "epsilon":
        return (x - sigma * said) / alpha
    return alpha * x - sigma * said if head == "v_prediction" else said


class FlowView:
    """A U-Net's answers in terms of the straight path, in fp32 whatever it computes in."""

    def __init__(self, predict: Predict, head: Head, path: VPPath | None = None) -> None:
        """`path` is the noise schedule of what `predict` was trained on; a "velocity" head has none."""
        self._predict, self.head, self._path = predict, head, path

    @property
    def most_noise(self) -> float:
        """The largest s below 1 that the U-Net knows; above it, it answers as at pure noise."""
        return self._path.most_noise if self._path else 1.0

    def clean(self, x: Tensor, s: Tensor, states: Tensor) -> Tensor:
        """Return x̂0 [B, C, h, w] seen from x_s [B, C, h, w] at noise shares s [B]."""
        x = x.float()
        wide = _wide(s, x)
        if self._path is None:
            return x + wide * self._predict(x, FLOW_STEPS * s, states).float()
        seen, tau = x / length_of(wide), self._path.tau(s)
        alpha, sigma = (_wide(scale, x) for scale in self._path.scales(tau))
        said = self._predict(seen, tau.to(x), states).float()
        return clean_from(self.head, said, seen, alpha, sigma)

    def velocity(self, x: Tensor, s: Tensor, states: Tensor) -> Tensor:
        """Return v̂ = ẑ − x̂0 at x_s, both as in `clean`; finite at s = 0 too."""
        x = x.float()
        if self._path is None:
            return -self._predict(x, FLOW_STEPS * s, states).float()
        wide, tau = _wide(s, x), self._path.tau(s)
        seen = x / length_of(wide)
        alpha, sigma = (_wide(scale, x) for scale in self._path.scales(tau))
        said = self._predict(seen, tau.to(x), states).float()
        within = velocity_from(self.head, said, seen, alpha, sigma)
        beyond = (x - clean_from(self.head, said, seen, alpha, sigma)) / wide.clamp(min=self.most_noise)
        return torch.where(wide > self.most_noise, beyond, within)


def between(clean: Tensor, noise: Tensor, s: Tensor) -> Tensor:
    """Return x_s = (1 − s) x0 + s z [B, C, h, w] for s [B]."""
    wide = _wide(s, clean)
    return (1 - wide) * clean + wide * noise


def _wide(values: Tensor, like: Tensor) -> Tensor:
    """Return values [B] as [B, 1, …] beside `like`, in its precision."""
    return values.to(like).view(-1, *[1] * (like.ndim - 1))
