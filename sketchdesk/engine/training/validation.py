"""The loss on what was held out: always the same examples, noise levels and noise, so that its values compare.

The loss of a training step says little of progress, since it depends on which noise levels that step happened to draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from sketchdesk.engine.training.examples import TrainingSet
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.library.dataset.chance import VALIDATION, step_seed
from sketchdesk.library.dataset.shapes import Shape

LEVELS = (0.125, 0.375, 0.625, 0.875)
"""The noise levels each example is tried at, as shares of the schedule."""
MOST_EXAMPLES = 64
"""More held-out examples than this are not tried: every look costs as much as some training steps."""


class Tries(NamedTuple):
    """Latents of one shape with the noise and the noise level each is tried with, [N × levels, …]."""

    latents: Tensor
    noise: Tensor
    timesteps: Tensor
    captions: list[str]


class Validation:
    """Held-out latents with fixed noise and fixed timesteps, ready to be asked about again."""

    def __init__(self, trainer: Trainer, held_out: TrainingSet) -> None:
        self.trainer = trainer
        count = min(len(held_out), MOST_EXAMPLES)
        generator = torch.Generator().manual_seed(step_seed(trainer.job.seed, 0, VALIDATION))
        levels = torch.tensor([trainer.process.level(share) for share in LEVELS])
        of_shape: dict[Shape, list[int]] = {}
        for index in range(count):
            of_shape.setdefault(held_out.examples[index].shape, []).append(index)
        self.tries = []
        for indices in of_shape.values():
            stills = torch.stack([held_out.still(index) for index in indices])
            latents = stills.repeat_interleave(len(LEVELS), dim=0)
            noise = torch.randn(latents.shape, generator=generator)
            captions = [held_out.examples[index].caption for index in indices for _level in LEVELS]
            self.tries.append(Tries(latents, noise, levels.repeat(len(indices)), captions))
        trainer.know_captions(held_out.captions[:count])

    @torch.no_grad()
    def loss(self) -> float:
        """Return the mean squared error with the averaged weights; no weighting, so that recipes compare too."""
        with self.trainer.evaluating():
            return float(torch.cat([error for tries in self.tries for error in self._errors(tries)]).mean())

    def _errors(self, tries: Tries) -> Iterator[Tensor]:
        """Yield each batch's mean squared errors, [B]."""
        trainer, device = self.trainer, self.trainer.placement.device
        size = trainer.job.train_batch_size
        for start in range(0, len(tries.captions), size):
            part = slice(start, start + size)
            latents, noise = tries.latents[part].to(device), tries.noise[part].to(device)
            timesteps = tries.timesteps[part].to(device)
            noisy = trainer.process.noisy(latents, noise, timesteps)
            said = trainer.predict(noisy, timesteps, tries.captions[part])
            wanted = trainer.process.target(latents, noise, timesteps)
            yield F.mse_loss(said.float(), wanted.float(), reduction="none").mean(dim=(1, 2, 3)).cpu()
