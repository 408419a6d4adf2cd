"""The path of a PeRFlow in terms of straight paths from noise: beside that of a noise schedule (time_map).

In each window x_t = α x0 + σ z with α and σ linear in t (sampling.windows), so that s = σ / (α + σ) can be solved for
t. A drawing is taken to end at x0, which the sampler misses by the noise of the schedule's first timestep.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sketchdesk.engine.distillation.time_map import length_of
from sketchdesk.engine.distillation.velocity_model import Predict, full
from sketchdesk.engine.sampling.windows import Windows


class WindowPath:
    """A noise schedule in windows, computed with in fp64; times are clamped to those it covers."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.last = windows.times
        self._knots = (windows.sigmas / (windows.alphas + windows.sigmas)).flip(0)
        self.most_noise = float(self._knots[-1])

    def scales(self, tau: Tensor) -> tuple[Tensor, Tensor]:
        """See NoisePath."""
        window = self.windows.at(tau.clamp(0, self.last))
        return window.alpha.reshape(tau.shape), window.sigma.reshape(tau.shape)

    def noise_share(self, tau: Tensor) -> Tensor:
        """See NoisePath."""
        alpha, sigma = self.scales(tau)
        return sigma / (alpha + sigma)

    def tau(self, s: Tensor) -> Tensor:
        """See NoisePath."""
        wanted = s.detach().cpu().double().clamp(self._knots[0], self._knots[-1])
        right = torch.searchsorted(self._knots, wanted).clamp(1, self.windows.count)
        of = self.windows
        alphas, sigmas, ends = (each.flip(0) for each in (of.alphas, of.sigmas, of.ends))
        alpha, sigma = alphas[right - 1], sigmas[right - 1]
        more, noisier = alphas[right] - alpha, sigmas[right] - sigma
        gone = (wanted * (alpha + sigma) - sigma) / (noisier - wanted * (more + noisier))
        return torch.lerp(ends[right - 1], ends[right], gone)

    def length(self, s: Tensor) -> Tensor:
        """See NoisePath."""
        alpha, sigma = self.scales(self.tau(s))
        return torch.where(s <= self.most_noise, (1 / (alpha + sigma)).to(s), length_of(s))

    def own_times(self, steps: int) -> Tensor:
        """See NoisePath: those of PeRFlow's sampler; even ones where there are fewer steps than windows."""
        if steps < self.windows.count:
            return self.last * torch.linspace(1, 0, steps + 1)
        return torch.tensor([*self.windows.shared(steps), 0])


def noise_said(predict: Predict, windows: Windows) -> Predict:
    """Return how to ask a PeRFlow's U-Net for all the noise in what it sees, whatever it says itself."""

    def ask(x: Tensor, timesteps: Tensor, states: Tensor) -> Tensor:
        said = full(predict(x, timesteps, states))
        return windows.noise(said, x.to(said), windows.at(timesteps))

    return ask
