"""Distillation: the end of the teacher's path from each of the student's own steps, all at once.

First the latents' Huber loss, with it the likeness in the features of the VAE's decoder, or by LPIPS where its weights
are at hand, as InstaFlow turns from L2 to it (Liu et al., 2309.06380). For one step the student is only ever asked at
pure noise; for k steps, at its k times.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation.losses import DecoderFeatures, Likeness, pseudo_huber
from sketchdesk.engine.distillation.lpips import PictureLikeness, read_lpips
from sketchdesk.engine.distillation.pair_batches import PairBatches
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.distillation.times import draw_own_steps
from sketchdesk.engine.distillation.velocity_model import between
from sketchdesk.library.dataset.chance import STEP, step_seed


class OneStep:
    """The phase "distillation"."""

    name = "distillation"

    def __init__(self, job: DistillJob, student: Student, batches: PairBatches) -> None:
        self._job, self._student, self._batches = job, student, batches
        self._shares = student.view.own_steps(job.student_steps)
        self._likeness = likeness(job, student) if job.feature_weight else None

    def loss(self, number: int) -> Tensor:
        """Return the loss of micro-batch `number`."""
        job, pairs = self._job, self._batches.at(number)
        generator = torch.Generator().manual_seed(step_seed(job.seed, number, STEP))
        s = draw_own_steps(len(pairs.captions), self._shares, generator).to(pairs.noise.device)
        said = self._student.clean(between(pairs.latents, pairs.noise, s), s, pairs.captions)
        loss = pseudo_huber(said - pairs.latents, job.huber_c)
        if self._likeness:
            loss = loss + job.feature_weight * self._likeness.distance(said, pairs.latents)
        return loss


def likeness(job: DistillJob, student: Student) -> Likeness:
    """Return what the job judges likeness by. Raises SketchDeskError as read_lpips does."""
    vae, placement = student.model.vae, student.placement
    if job.lpips_weights:
        return PictureLikeness(vae, read_lpips(Path(job.lpips_weights)), placement)
    return DecoderFeatures(vae, placement, job.gradient_checkpointing)
