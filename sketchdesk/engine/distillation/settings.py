"""The learning rate of a distillation's phases; the rest of its settings is library.distillation.settings'."""

from __future__ import annotations

import math

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.distillation.settings import as_training

__all__ = ["as_training", "learning_rate_at"]


def learning_rate_at(job: DistillJob, step: int, steps: int) -> float:
    """Return the learning rate of 0-based step `step` of a phase with `steps`: a warm-up, then a cosine's fall."""
    if step < job.lr_warmup_steps:
        return job.learning_rate * (step + 1) / job.lr_warmup_steps
    share = min(1.0, (step - job.lr_warmup_steps) / max(1, steps - job.lr_warmup_steps))
    return job.final_learning_rate + (job.learning_rate - job.final_learning_rate) * 0.5 * (
        1 + math.cos(math.pi * share)
    )
