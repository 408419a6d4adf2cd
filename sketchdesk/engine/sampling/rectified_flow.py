"""Euler's method on a rectified flow, as a scheduler with the interface of diffusers' own.

Rectified flow (Liu et al., arXiv 2209.03003; InstaFlow, 2309.06380): the network predicts the velocity X1 − X0 on the
straight path from noise X0 to data X1. With N steps, t_i = 1000 (1 − i / N) and x ← x + v(x, t_i) / N.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers import ConfigMixin, SchedulerMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor


@dataclass
class RectifiedFlowOutput:
    """prev_sample: [B, C, h, w], one Euler step nearer to the data."""

    prev_sample: Tensor


class RectifiedFlowScheduler(SchedulerMixin, ConfigMixin):
    """Euler steps of equal length from noise (t = 1000) to data (t = 0)."""

    order = 1
    init_noise_sigma = 1.0

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(self, num_train_timesteps: int = 1000) -> None:
        self.set_timesteps(1)

    def set_timesteps(self, num_inference_steps: int, device: torch.device | str | None = None) -> None:
        """Choose N; timesteps are floats."""
        self.num_inference_steps = num_inference_steps
        share = torch.arange(num_inference_steps, dtype=torch.float32, device=device) / num_inference_steps
        self.timesteps = self.config.num_train_timesteps * (1 - share)

    def scale_model_input(self, sample: Tensor, timestep: Tensor | None = None) -> Tensor:
        """Return the sample as it is."""
        return sample

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return where the straight path from noise to data stands at the timesteps [B] or [1]."""
        s = (1 - timesteps / self.config.num_train_timesteps).to(original_samples).view(-1, 1, 1, 1)
        return (1 - s) * noise + s * original_samples

    def step(
        self, model_output: Tensor, timestep: Tensor, sample: Tensor, return_dict: bool = True
    ) -> RectifiedFlowOutput | tuple[Tensor]:
        """Return x + v / N."""
        moved = sample + model_output / self.num_inference_steps
        return RectifiedFlowOutput(moved) if return_dict else (moved,)
