"""One time for two paths: the noise share s of a straight path, and the time τ of a variance-preserving schedule.

Straight: x_s = (1 − s) x0 + s z. Variance-preserving: x_τ = α x0 + σ z, α = √ᾱ, σ = √(1 − ᾱ). They meet where their
ratios of noise to picture are equal: s = σ / (α + σ) and x_s = x_τ / (α + σ). Between whole τ the log-SNR
2 ln(α / σ) is interpolated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from diffusers import DDPMScheduler
from torch import Tensor


class NoisePath(Protocol):
    """What x_τ = α x0 + σ z goes through between noise and picture, τ being the time a U-Net is told."""

    last: int
    """The noisiest τ."""
    most_noise: float
    """The s of the noisiest τ, below 1; where pure noise is asked about, it stands in for s = 1."""

    def scales(self, tau: Tensor) -> tuple[Tensor, Tensor]:
        """Return α and σ at float times τ, any shape, in fp64 on the CPU."""

    def noise_share(self, tau: Tensor) -> Tensor:
        """Return s of τ, in fp64 on the CPU."""

    def tau(self, s: Tensor) -> Tensor:
        """Return τ of noise shares s in 0..1, in fp64 on the CPU."""

    def length(self, s: Tensor) -> Tensor:
        """Return by what x_s is to be divided to be what the U-Net sees, x_τ, in the precision of s."""

    def own_times(self, steps: int) -> Tensor:
        """Return the times [steps + 1] of a drawing in so many steps, the last being the end."""


class VPPath:
    """A noise schedule, computed with in fp64; times are clamped to those it covers."""

    def __init__(self, alphas_cumprod: Tensor) -> None:
        """`alphas_cumprod` [T]: ᾱ at τ = 0 … T − 1, falling."""
        bar = alphas_cumprod.detach().cpu().double()
        self._log_snr = torch.log(bar) - torch.log1p(-bar)
        self.last = len(bar) - 1
        self.most_noise = float(self.noise_share(torch.tensor(float(self.last))))

    @classmethod
    def of(cls, scheduler_config: Mapping[str, Any]) -> VPPath:
        """Return the path of a model's scheduler configuration."""
        return cls(DDPMScheduler.from_config(dict(scheduler_config)).alphas_cumprod)

    def scales(self, tau: Tensor) -> tuple[Tensor, Tensor]:
        """See NoisePath."""
        log_snr = self._at(tau)
        return torch.sigmoid(log_snr).sqrt(), torch.sigmoid(-log_snr).sqrt()

    def noise_share(self, tau: Tensor) -> Tensor:
        """See NoisePath."""
        return torch.sigmoid(-self._at(tau) / 2)  # σ / (α + σ) = 1 / (1 + α / σ)

    def tau(self, s: Tensor) -> Tensor:
        """See NoisePath."""
        wanted = -2 * torch.logit(s.detach().cpu().double())
        rising = self._log_snr.flip(0)
        wanted = wanted.clamp(rising[0], rising[-1])
        right = torch.searchsorted(rising, wanted).clamp(1, self.last)
        low, high = rising[right - 1], rising[right]
        return self.last - (right - 1 + (wanted - low) / (high - low))

    def length(self, s: Tensor) -> Tensor:
        """See NoisePath."""
        return length_of(s)

    def own_times(self, steps: int) -> Tensor:
        """See NoisePath. Those of DDIM with "trailing" timesteps."""
        return (torch.linspace(1, 0, steps + 1) * (self.last + 1)).round() - 1

    def _at(self, tau: Tensor) -> Tensor:
        tau = tau.detach().cpu().double().clamp(0, self.last)
        left = tau.floor().long().clamp(max=self.last - 1)
        return torch.lerp(self._log_snr[left], self._log_snr[left + 1], tau - left)


def length_of(s: Tensor) -> Tensor:
    """Return n = √((1 − s)² + s²), by which x_τ = x_s / n."""
    return ((1 - s).square() + s.square()).sqrt()
