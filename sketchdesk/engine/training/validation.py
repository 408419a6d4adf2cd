"""The loss on what was held out: always the same examples, noise levels and noise, so that its values compare.

The loss of a training step says little of progress, since it depends on which noise levels that step happened to draw.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from sketchdesk.engine.training.data import LatentSet, step_seed
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.objectives import target

LEVELS = (0.125, 0.375, 0.625, 0.875)
"""The noise levels each example is tried at, as shares of the schedule."""
MOST_EXAMPLES = 64
"""More held-out examples than this are not tried: every look costs as much as some training steps."""


class Validation:
    """Held-out latents with fixed noise and fixed timesteps, [N × levels, …], ready to be asked about again."""

    def __init__(self, trainer: Trainer, held_out: LatentSet) -> None:
        self.trainer = trainer
        count = min(len(held_out), MOST_EXAMPLES)
        generator = torch.Generator().manual_seed(step_seed(trainer.job.seed, 0, 5))
        latents = held_out.mean[0, :count] * held_out.scaling_factor
        self.latents = latents.repeat_interleave(len(LEVELS), dim=0)
        self.noise = torch.randn(self.latents.shape, generator=generator)
        steps = trainer.noise_scheduler.config.num_train_timesteps
        self.timesteps = torch.tensor([int(level * steps) for level in LEVELS]).repeat(count)
        self.captions = [caption for caption in held_out.captions[:count] for _level in LEVELS]
        trainer.know_captions(held_out.captions[:count])

    @torch.no_grad()
    def loss(self) -> float:
        """Return the mean squared error with the averaged weights; no weighting, so that recipes compare too."""
        trainer, device = self.trainer, self.trainer.placement.device
        size = trainer.job.train_batch_size
        errors = []
        with trainer.evaluating():
            for start in range(0, len(self.captions), size):
                part = slice(start, start + size)
                latents, noise = self.latents[part].to(device), self.noise[part].to(device)
                timesteps = self.timesteps[part].to(device)
                noisy = trainer.noise_scheduler.add_noise(latents, noise, timesteps)
                said = trainer.predict(noisy, timesteps, self.captions[part])
                kind = trainer.model.prediction_type
                wanted = target(trainer.noise_scheduler, kind, latents, noise, timesteps)
                errors.append(F.mse_loss(said.float(), wanted.float(), reduction="none").mean(dim=(1, 2, 3)).cpu())
        return float(torch.cat(errors).mean())
