"""PeRFlow's sampler: Euler's method on its path (see windows), as a scheduler with the interface of diffusers' own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import ConfigMixin, DDPMScheduler, SchedulerMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor

from sketchdesk.engine.sampling.windows import Windows, ends_of
from sketchdesk.library.models.perflow import WINDOWS, PeRFlowPrediction


@dataclass
class PeRFlowOutput:
    """prev_sample: [B, C, h, w], where the next step begins."""

    prev_sample: Tensor


class PeRFlowScheduler(SchedulerMixin, ConfigMixin):
    """Equal steps in each window, from noise to the schedule's first timestep; as many in all as asked for."""

    order = 1
    init_noise_sigma = 1.0

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        num_train_timesteps: int = 1000,
        beta_start: float = 0.00085,
        beta_end: float = 0.012,
        beta_schedule: str = "scaled_linear",
        trained_betas: Sequence[float] | None = None,
        prediction_type: PeRFlowPrediction = "ddim_eps",
        num_time_windows: int = WINDOWS,
    ) -> None:
        schedule = DDPMScheduler(num_train_timesteps, beta_start, beta_end, beta_schedule, trained_betas)
        self.windows = Windows(schedule.alphas_cumprod, num_time_windows, prediction_type)
        self.set_timesteps(num_time_windows)

    @classmethod
    def of(cls, scheduler_config: Mapping[str, Any]) -> PeRFlowScheduler:
        """Return the scheduler of a model's configuration, of which it leaves out what is another scheduler's."""
        known = inspect.signature(cls.__init__).parameters
        return cls(**{name: value for name, value in scheduler_config.items() if name in known})

    def set_timesteps(self, num_inference_steps: int, device: torch.device | str | None = None) -> None:
        """Choose how many steps. Raises ValueError for fewer than there are windows, or more than timesteps."""
        if not self.windows.count <= num_inference_steps <= self.windows.times:
            raise ValueError(f"{num_inference_steps} steps for {self.windows.count} windows")
        self.num_inference_steps = num_inference_steps
        self._times = self.windows.shared(num_inference_steps)
        self.timesteps = torch.tensor(self._times, device=device)

    def scale_model_input(self, sample: Tensor, timestep: Tensor | None = None) -> Tensor:
        """Return the sample as it is."""
        return sample

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return where the path from noise to data stands at the timesteps [B] or [1]."""
        window = self.windows.at(timesteps)
        ends = ends_of(original_samples, noise, window)
        return torch.lerp(ends.b, ends.a, window.left.to(noise))

    def clean(self, model_input: Tensor, prediction: Tensor, timestep: Tensor) -> Tensor:
        """Return x̂0 [B, C, h, w] of what the U-Net was given, [B, C, h, w], and what it said."""
        return self.windows.clean(prediction, model_input, self.windows.at(timestep))

    def step(
        self, model_output: Tensor, timestep: Tensor, sample: Tensor, return_dict: bool = True
    ) -> PeRFlowOutput | tuple[Tensor]:
        """Return where the line leads until the next timestep."""
        place = self._times.index(int(timestep))
        until = self._times[place + 1] if place + 1 < len(self._times) else 0
        slope = self.windows.slope(model_output, sample, self.windows.at(timestep))
        moved = sample + (until - self._times[place]) * slope
        return PeRFlowOutput(moved) if return_dict else (moved,)
