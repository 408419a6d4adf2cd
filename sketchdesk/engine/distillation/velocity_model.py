"""Any U-Net seen as a velocity field v = z − x0 of straight paths x_s = (1 − s) x0 + s z, s the share of noise.

What a U-Net says of x = α x0 + σ z: ε means z; ν = α z − σ x0 (Salimans & Ho, 2202.00512); or x0 itself. A rectified
flow's U-Net sees x_s at the time 1000 s and says x0 − z, the velocity towards the data (2309.06380). All is affine in
x and what is said, so guidance before a conversion and after it are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from sketchdesk.engine.distillation.time_map import NoisePath, VPPath

Head = Literal["epsilon", "v_prediction", "sample", "velocity"]
Few = Literal["ddim", "tcd"]
"""The samplers that draw in few steps on a noise schedule."""
Predict = Callable[[Tensor, Tensor, Tensor], Tensor]
"""A U-Net: (what it sees [B, C, h, w], timesteps [B], text states [B, L, D]) → what it says [B, C, h, w]."""

FLOW_STEPS = 1000.0
"""The time a rectified flow's U-Net is given at pure noise."""
TCD_TIMES = 50
"""From so many even timesteps TCD's sampler takes its own (Zheng et al., 2402.19159)."""


def velocity_from(head: Head, said: Tensor, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return v = z − x0 of what a `head` said of x = α x0 + σ z; the scales broadcast. Not for "velocity"."""
    if head == "epsilon":
        return ((alpha + sigma) * said - x) / alpha
    if head == "v_prediction":
        return (sigma - alpha) * x + (alpha + sigma) * said
    return (x - (alpha + sigma) * said) / sigma


def clean_from(head: Head, said: Tensor, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return x̂0 of what a `head` said of x = α x0 + σ z. Not for "velocity"."""
    if head == "epsilon":
        return (x - sigma * said) / alpha
    return alpha * x - sigma * said if head == "v_prediction" else said


class Ends(NamedTuple):
    """Where a U-Net sees a straight path begin and end, [B, C, h, w] each."""

    clean: Tensor
    """x̂0"""
    noise: Tensor
    """ẑ"""

    def at(self, s: Tensor) -> Tensor:
        """Return the point with noise shares s [B] between them: one step of Euler's method, which DDIM's is too."""
        return between(self.clean, self.noise, s)


class FlowView:
    """A U-Net's answers in terms of the straight path, in fp32 at least, whatever it computes in.

    A schedule ends a little before pure noise. Above that, the U-Net is asked about its end, and at s = 1 samplers
    give it pure noise there.
    """

    def __init__(self, predict: Predict, head: Head, path: NoisePath | None = None, sampler: Few = "ddim") -> None:
        """`path` is the noise schedule of what `predict` was trained on; a "velocity" head has none.

        `sampler` is what will draw with it on that schedule.
        """
        self._predict, self.head, self._path, self._sampler = predict, head, path, sampler

    @property
    def most_noise(self) -> float:
        """The largest s below 1 that the U-Net knows."""
        return self._path.most_noise if self._path else 1.0

    def own_steps(self, steps: int) -> Tensor:
        """Return the noise shares [steps + 1] a drawing in so many steps goes through, from 1 to 0.

        Even ones on a straight path; on a schedule those of DDIM with "trailing" timesteps, or of TCD; a PeRFlow's own.
        """
        if self._path is None:
            return torch.linspace(1, 0, steps + 1)
        if isinstance(self._path, VPPath) and self._sampler == "tcd" and steps <= TCD_TIMES:
            passed = torch.arange(steps + 1) * TCD_TIMES // steps
            tau = self._path.last - ((self._path.last + 1) // TCD_TIMES) * passed
        else:
            tau = self._path.own_times(steps)
        shares = self._path.noise_share(tau).float()
        shares[0], shares[-1] = 1.0, 0.0
        return shares

    def level(self, share: Tensor) -> Tensor:
        """Return the noise share at a share 0..1 of the times the U-Net was trained at."""
        return share if self._path is None else self._path.noise_share(share * self._path.last).to(share)

    def share(self, s: Tensor) -> Tensor:
        """Return what `level` is given for s."""
        return s if self._path is None else (self._path.tau(s) / self._path.last).to(s)

    def ends(self, x: Tensor, s: Tensor, states: Tensor) -> Ends:
        """Return both ends as seen from x_s [B, C, h, w] at noise shares s [B]."""
        x = full(x)
        if self._path is None:
            said, wide = self._said(x, FLOW_STEPS * s, states), _wide(s, x)
            return Ends(x + wide * said, x - (1 - wide) * said)
        seen, said, alpha, sigma = self._asked(self._path, x, s, states)
        clean = clean_from(self.head, said, seen, alpha, sigma)
        return Ends(clean, said if self.head == "epsilon" else (seen - alpha * clean) / sigma)

    def clean(self, x: Tensor, s: Tensor, states: Tensor) -> Tensor:
        """Return x̂0 [B, C, h, w] as seen from x_s."""
        return self.ends(x, s, states).clean

    def velocity(self, x: Tensor, s: Tensor, states: Tensor) -> Tensor:
        """Return v̂ = ẑ − x̂0 at x_s; above most_noise, what leads from there to x̂0."""
        x = full(x)
        if self._path is None:
            return -self._said(x, FLOW_STEPS * s, states)
        seen, said, alpha, sigma = self._asked(self._path, x, s, states)
        within = velocity_from(self.head, said, seen, alpha, sigma)
        beyond = (x - clean_from(self.head, said, seen, alpha, sigma)) / _wide(s, x).clamp(min=self.most_noise)
        return torch.where(_wide(s, x) > self.most_noise, beyond, within)

    def _asked(self, path: NoisePath, x: Tensor, s: Tensor, states: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return what the U-Net saw, what it said of it, α and σ."""
        seen, tau = x / _wide(path.length(s), x), path.tau(s)
        alpha, sigma = (_wide(scale, x) for scale in path.scales(tau))
        return seen, self._said(seen, tau.to(x), states), alpha, sigma

    def _said(self, x: Tensor, timesteps: Tensor, states: Tensor) -> Tensor:
        return full(self._predict(x, timesteps, states))


def between(clean: Tensor, noise: Tensor, s: Tensor) -> Tensor:
    """Return x_s = (1 − s) x0 + s z [B, C, h, w] for s [B]."""
    wide = _wide(s, clean)
    return (1 - wide) * clean + wide * noise


def _wide(values: Tensor, like: Tensor) -> Tensor:
    """Return values [B] as [B, 1, …] beside `like`, in its precision."""
    return values.to(like).view(-1, *[1] * (like.ndim - 1))


def full(values: Tensor) -> Tensor:
    """Return values in fp32, or in fp64 if they are."""
    return values if values.dtype == torch.float64 else values.float()
