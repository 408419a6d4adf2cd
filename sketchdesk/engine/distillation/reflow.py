"""Reflow: straight paths between each noise and what the teacher draws of it (Liu et al., 2209.03003).

min E‖(z − x0) − v(x_s, s)‖² over x_s = (1 − s) x0 + s z. A student that keeps its ε or ν is asked for x0 instead on
the same pairs, as in Rectified Diffusion (Wang et al., 2410.07303): its paths become first-order, and stock samplers
draw with it as before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation.losses import pseudo_huber
from sketchdesk.engine.distillation.pair_batches import PairBatch, PairBatches
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.distillation.times import draw_times
from sketchdesk.engine.distillation.velocity_model import between
from sketchdesk.engine.distillation.velocity_start import fit_last_layer
from sketchdesk.library.dataset.chance import STEP, step_seed

FIT_BATCHES = 32
"""So many batches decide what a student's last layer begins as."""


class Reflow:
    """The phase "reflow"."""

    name = "reflow"

    def __init__(self, job: DistillJob, student: Student, batches: PairBatches) -> None:
        self._job, self._student, self._batches = job, student, batches

    def fit_last_layer(self) -> None:
        """Give a student whose head is not the teacher's its best last layer, before anything is trained."""
        fit_last_layer(self._student.model.unet.conv_out, map(self._asked, range(FIT_BATCHES)))

    def loss(self, number: int) -> Tensor:
        """Return the loss of micro-batch `number`."""
        student, (pairs, x, s) = self._student, self._batch(number)
        if student.view.head == "velocity":
            error = student.velocity(x, s, pairs.captions) - (pairs.noise - pairs.latents)
        else:
            error = student.clean(x, s, pairs.captions) - pairs.latents
        return pseudo_huber(error, self._job.huber_c)

    def _asked(self, number: int) -> tuple[Callable[[], Tensor], Tensor]:
        pairs, x, s = self._batch(number)
        return partial(self._student.velocity, x, s, pairs.captions), pairs.latents - pairs.noise

    def _batch(self, number: int) -> tuple[PairBatch, Tensor, Tensor]:
        """Return pairs with x_s [B, C, h, w] between them and s [B]."""
        job, student, pairs = self._job, self._student, self._batches.at(number)
        generator = torch.Generator().manual_seed(step_seed(job.seed, number, STEP))
        s = draw_times(len(pairs.captions), job.time_shape, job.endpoint_share, generator)
        # A noise schedule ends before pure noise, and samplers begin at its end with pure noise: both are s = 1 here.
        s = torch.where(s > student.view.most_noise, torch.ones_like(s), s).to(pairs.noise.device)
        return pairs, between(pairs.latents, pairs.noise, s), s
