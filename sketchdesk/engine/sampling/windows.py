"""The path of PeRFlow (Yan et al., arXiv 2405.07510): straight in each of a few windows of time.

The N times of a noise schedule are split into K equal windows with ends at t = N, N (K − 1) / K, …, 0. At an end
stands x = α x0 + σ ε, with ᾱ of timestep t − 1. From the noisier end a of a window to the other, b, the path is a
straight line, x_t = x_a + (t − t_a) / (t_b − t_a) (x_b − x_a). Asked at t, which begins at N and not at N − 1, the
U-Net says

* "velocity": N (x_b − x_a) / (t_b − t_a), what the line changes by over all times; or
* "ddim_eps", "diff_eps": the ε of x_b = λ x_a + η ε, where λ = α_b / α_a. With η = σ_b − λ σ_a it is all the noise in
  x_a, and the equation DDIM's step; with η = −√(λ² − 1) it is the noise that came in between b and a.

Within a window x_a is not at hand. Put x_t's line for it: (x_b − x_a) / (t_b − t_a) = ((λ − 1) x_t + η ε) / q, where
q = λ (t − t_a) + t_b − t.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from sketchdesk.library.models.perflow import PeRFlowPrediction

NEAR = 0.1
"""So many timesteps above the end of a window a time is taken for that end, which rounding may have moved."""


class Window(NamedTuple):
    """The windows that some times t [B] lie in, by their ends. All are [B, 1, 1, 1], in fp64 on the CPU."""

    t: Tensor
    t_a: Tensor
    t_b: Tensor
    alpha_a: Tensor
    alpha_b: Tensor
    sigma_a: Tensor
    sigma_b: Tensor

    @property
    def left(self) -> Tensor:
        """How much of the window is still to go: 1 at a, 0 at b."""
        return (self.t - self.t_b) / (self.t_a - self.t_b)

    @property
    def alpha(self) -> Tensor:
        """How much of the picture there is in x_t."""
        return torch.lerp(self.alpha_b, self.alpha_a, self.left)

    @property
    def sigma(self) -> Tensor:
        """How much noise there is in x_t."""
        return torch.lerp(self.sigma_b, self.sigma_a, self.left)

    def factors(self, prediction: PeRFlowPrediction) -> tuple[Tensor, Tensor]:
        """Return λ and η of a prediction of ε."""
        ratio = self.alpha_b / self.alpha_a
        if prediction == "ddim_eps":
            return ratio, self.sigma_b - ratio * self.sigma_a
        return ratio, -(ratio.square() - 1).sqrt()


class Ends(NamedTuple):
    """The two ends of one window's line, [B, C, h, w] each."""

    a: Tensor
    b: Tensor


class Windows:
    """A noise schedule in windows, and what a U-Net that was trained on them means. The scales are fp64's."""

    def __init__(self, alphas_cumprod: Tensor, count: int, prediction: PeRFlowPrediction) -> None:
        """`alphas_cumprod` [N]: ᾱ at timesteps 0 … N − 1, falling; `count` is K, 1 to N."""
        self.count, self.times, self.prediction = count, len(alphas_cumprod), prediction
        self.ends = self.times * torch.arange(count, -1, -1, dtype=torch.float64) / count
        """[K + 1], from N to 0."""
        bar = alphas_cumprod.detach().cpu().double()[(self.ends.long() - 1).clamp(min=0)]
        self.alphas, self.sigmas = bar.sqrt(), (1 - bar).sqrt()
        """[K + 1] each, at the ends."""

    def at(self, timesteps: Tensor) -> Window:
        """Return the windows of times [B], or of one, in 0..N; an end belongs to the window that it begins."""
        t = timesteps.detach().cpu().double().reshape(-1)
        which = (self.count - ((t - NEAR) * self.count / self.times).ceil().long()).clamp(0, self.count - 1)
        told = (each[which + end] for each in (self.ends, self.alphas, self.sigmas) for end in (0, 1))
        return Window(*(each.view(-1, 1, 1, 1) for each in (t, *told)))

    def shared(self, steps: int) -> list[int]:
        """Return the timesteps at which a drawing in so many steps, at least K, asks: evenly in each window.

        Where they cannot be shared evenly among windows, the noisier ones have one more.
        """
        each, more = divmod(steps, self.count)
        counts = [each + 1] * more + [each] * (self.count - more)
        parts = [
            begin + (end - begin) * torch.arange(count, dtype=torch.float64) / count
            for begin, end, count in zip(self.ends[:-1], self.ends[1:], counts, strict=True)
        ]
        return [int(time) for time in torch.cat(parts)]

    def slope(self, said: Tensor, x: Tensor, window: Window) -> Tensor:
        """Return what x_t [B, C, h, w] changes by in one timestep, by what the U-Net said of it."""
        if self.prediction == "velocity":
            return said / self.times
        ratio, eta = window.factors(self.prediction)
        q = ratio * (window.t - window.t_a) + window.t_b - window.t
        return ((ratio - 1) / q).to(x) * x + (eta / q).to(x) * said

    def said(self, ends: Ends, window: Window) -> Tensor:
        """Return what a U-Net that is right says on the line between these ends, [B, C, h, w]."""
        if self.prediction == "velocity":
            return (self.times / (window.t_b - window.t_a)).to(ends.a) * (ends.b - ends.a)
        ratio, eta = window.factors(self.prediction)
        return (1 / eta).to(ends.a) * ends.b - (ratio / eta).to(ends.a) * ends.a

    def line(self, said: Tensor, x: Tensor, window: Window) -> Ends:
        """Return the ends of the line that x_t [B, C, h, w] lies on, by what the U-Net said of it."""
        slope = self.slope(said, x, window)
        return Ends(x + (window.t_a - window.t).to(x) * slope, x + (window.t_b - window.t).to(x) * slope)

    def clean(self, said: Tensor, x: Tensor, window: Window) -> Tensor:
        """Return x̂0 [B, C, h, w], of which both ends of x_t's line are made."""
        ends = self.line(said, x, window)
        whole = window.sigma_a * window.alpha_b - window.sigma_b * window.alpha_a
        return (window.sigma_a / whole).to(x) * ends.b - (window.sigma_b / whole).to(x) * ends.a

    def noise(self, said: Tensor, x: Tensor, window: Window) -> Tensor:
        """Return ε̂ [B, C, h, w], of which both ends of x_t's line are made."""
        ends = self.line(said, x, window)
        whole = window.sigma_a * window.alpha_b - window.sigma_b * window.alpha_a
        return (window.alpha_b / whole).to(x) * ends.a - (window.alpha_a / whole).to(x) * ends.b


def ends_of(clean: Tensor, noise: Tensor, window: Window) -> Ends:
    """Return both ends of the line made of latents and noise, [B, C, h, w] each."""
    a, b = (window.alpha_a, window.sigma_a), (window.alpha_b, window.sigma_b)
    return Ends(*(alpha.to(clean) * clean + sigma.to(clean) * noise for alpha, sigma in (a, b)))
