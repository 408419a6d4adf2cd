"""How a model's latents become noise, and what it is asked about them: three kinds with one interface.

Latents are [B, C, h, w], timesteps [B]: whole numbers of the noise schedule for ε- and v-models, 1 to 1000 for
PeRFlows, any number in 0..1000 for rectified flows.
"""

from __future__ import annotations

from typing import Protocol

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.clean import predicted_clean
from sketchdesk.engine.sampling.perflow import PeRFlowScheduler
from sketchdesk.engine.sampling.rectified_flow import RectifiedFlowScheduler
from sketchdesk.engine.sampling.windows import ends_of
from sketchdesk.engine.training.objectives import VELOCITY_WEIGHT_CAP, huber_scale, loss_weights, target
from sketchdesk.library.models.perflow import is_perflow


class Process(Protocol):
    """What training asks of it."""

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Return timesteps [count], drawn evenly."""

    def level(self, share: float) -> float:
        """Return the timestep at a share of the schedule, 0 being the picture and 1 noise."""

    def noisy(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return the latents as they stand at the timesteps."""

    def target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return what the U-Net should say."""

    def weights(self, weighting: str, snr_gamma: float | None, timesteps: Tensor) -> Tensor:
        """Return how much each example counts, [B]."""

    def huber(self, schedule: str, c: float, timesteps: Tensor) -> Tensor:
        """Return the Huber loss' width of each example, [B]."""

    def clean(self, noisy: Tensor, said: Tensor, timesteps: Tensor) -> Tensor:
        """Return the latents the U-Net has in mind, x̂0."""


class Diffusion:
    """x_t = √ᾱ x0 + √(1 − ᾱ) ε, learnt by ε or by v."""

    def __init__(self, scheduler: DDPMScheduler) -> None:
        self.scheduler = scheduler
        self.prediction_type = str(scheduler.config.prediction_type)

    @property
    def steps(self) -> int:
        """Levels of the noise schedule."""
        return int(self.scheduler.config.num_train_timesteps)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """See Process."""
        return torch.randint(self.steps, (count,), generator=generator)

    def level(self, share: float) -> float:
        """See Process."""
        return int(share * self.steps)

    def noisy(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        noisy: Tensor = self.scheduler.add_noise(latents, noise, timesteps.long())
        return noisy

    def target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return target(self.scheduler, self.prediction_type, latents, noise, timesteps.long())

    def weights(self, weighting: str, snr_gamma: float | None, timesteps: Tensor) -> Tensor:
        """See Process."""
        return loss_weights(weighting, snr_gamma, self.prediction_type, self._alphas(timesteps), timesteps.long())

    def huber(self, schedule: str, c: float, timesteps: Tensor) -> Tensor:
        """See Process."""
        alpha = self._alphas(timesteps)[timesteps.long()]
        return huber_scale(schedule, c, timesteps / self.steps, ((1 - alpha) / alpha.clamp(min=1e-8)).sqrt())

    def clean(self, noisy: Tensor, said: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return predicted_clean(self.scheduler, noisy, said, timesteps.view(-1, 1, 1, 1))

    def _alphas(self, like: Tensor) -> Tensor:
        alphas: Tensor = self.scheduler.alphas_cumprod.to(like.device)
        return alphas


class RectifiedFlow:
    """x = (1 − s) X0 + s X1 from noise X0 to data X1, s = 1 − t / 1000, learnt by the velocity X1 − X0 (2209.03003)."""

    STEPS = 1000

    def __init__(self) -> None:
        self._scheduler = RectifiedFlowScheduler(self.STEPS)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """See Process."""
        return self.STEPS * (1 - torch.rand((count,), generator=generator))

    def level(self, share: float) -> float:
        """See Process."""
        return share * self.STEPS

    def noisy(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return self._scheduler.add_noise(latents, noise, timesteps)

    def target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return latents - noise

    def weights(self, weighting: str, snr_gamma: float | None, timesteps: Tensor) -> Tensor:
        """See Process. An error e of the velocity is (1 − s) e in x̂1, which min-SNR-γ weighs by min(SNR, γ)."""
        if snr_gamma is None:
            return torch.ones(len(timesteps), device=timesteps.device)
        left = timesteps / self.STEPS  # 1 − s
        snr = ((1 - left) / left.clamp(min=1e-6)).square()
        return snr.clamp(max=snr_gamma) * left.square()

    def huber(self, schedule: str, c: float, timesteps: Tensor) -> Tensor:
        """See Process."""
        left = timesteps / self.STEPS
        return huber_scale(schedule, c, left, left / (1 - left).clamp(min=1e-6))

    def clean(self, noisy: Tensor, said: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return noisy + (timesteps / self.STEPS).view(-1, 1, 1, 1) * said


class Piecewise:
    """The path of a PeRFlow, straight in each of a few windows of time (sampling.windows), learnt by what it says."""

    def __init__(self, scheduler: PeRFlowScheduler) -> None:
        self._scheduler, self._windows = scheduler, scheduler.windows

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """See Process."""
        return 1 + torch.randint(self._windows.times, (count,), generator=generator)

    def level(self, share: float) -> float:
        """See Process."""
        return max(1, int(share * self._windows.times))

    def noisy(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return self._scheduler.add_noise(latents, noise, timesteps)

    def target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        window = self._windows.at(timesteps)
        return self._windows.said(ends_of(latents, noise, window), window)

    def weights(self, weighting: str, snr_gamma: float | None, timesteps: Tensor) -> Tensor:
        """See Process. An error e of what it says is c e in x̂0, which min-SNR-γ weighs by min(SNR, γ)."""
        window = self._windows.at(timesteps)
        alpha, sigma = window.alpha.flatten().to(timesteps.device), window.sigma.flatten().to(timesteps.device)
        if weighting == "velocity" and self._windows.prediction != "velocity":
            return (1 / alpha.square()).clamp(max=VELOCITY_WEIGHT_CAP).float()
        if snr_gamma is None:
            return torch.ones(len(timesteps), device=timesteps.device)
        one = torch.ones_like(window.t)
        counts = self._windows.clean(one, 0 * one, window).flatten().to(timesteps.device)
        return ((alpha / sigma).square().clamp(max=snr_gamma) * counts.square()).float()

    def huber(self, schedule: str, c: float, timesteps: Tensor) -> Tensor:
        """See Process."""
        window = self._windows.at(timesteps)
        noise = (window.sigma / window.alpha).flatten().to(timesteps.device)
        return huber_scale(schedule, c, timesteps / self._windows.times, noise.float())

    def clean(self, noisy: Tensor, said: Tensor, timesteps: Tensor) -> Tensor:
        """See Process."""
        return self._scheduler.clean(noisy, said, timesteps)


def process_of(model: StableDiffusion) -> Process:
    """Return how a model's latents become noise."""
    if model.rectified_flow:
        return RectifiedFlow()
    if is_perflow(model.scheduler_config):
        return Piecewise(PeRFlowScheduler.of(model.scheduler_config))
    return Diffusion(DDPMScheduler.from_config(model.scheduler_config))
