"""A distillation judged as it goes: figures for the charts now and then, and a report at its end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.losses import unscaled
from sketchdesk.engine.distillation.measures import GLANCE, Decode, Drawer, HeldOut, Straightness
from sketchdesk.engine.distillation.networks import guided, plainly, view_of
from sketchdesk.engine.distillation.phase_loop import Distiller
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.distillation.student import drawn_in_steps
from sketchdesk.engine.distillation.velocity_model import Ends
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.out_of_memory import give_memory_back
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.encoding import ENCODE_PIXELS
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.library.distillation.pairs import PairSet
from sketchdesk.library.distillation.report import DistillReport, StepMarks, write_report

Found = TypeVar("Found")

FAILURES = (RuntimeError, OSError, MemoryError, SketchDeskError)
"""What a look may end with: it is told, and the run goes on."""
FEW = (1, 2, 4)
"""The numbers of steps that are reported, beside the teacher's own."""


class GuidedTeacher:
    """The teacher as it drew the pairs, asked as a student is."""

    def __init__(self, model: StableDiffusion, texts: TextStates, placement: Placement, scale: float) -> None:
        self._texts, self._device = texts, placement.device
        ask = guided(plainly(model.unet, placement), lambda count: self._states([""] * count), scale)
        self.view = view_of(model, placement, ask)

    def ends(self, x: Tensor, s: Tensor, captions: Sequence[str]) -> Ends:
        """Return x̂0 and ẑ as it sees them from x_s, [B, C, h, w]."""
        return self.view.ends(x, s, self._states(captions))

    def velocity(self, x: Tensor, s: Tensor, captions: Sequence[str]) -> Tensor:
        """Return z − x0 as it sees it from x_s, [B, C, h, w]."""
        return self.view.velocity(x, s, self._states(captions))

    def _states(self, captions: Sequence[str]) -> Tensor:
        return self._texts.of(captions).to(self._device)


def decoder_of(vae: AutoencoderKL) -> Decode:
    """Return how a VAE makes pictures of latents, no more of them at once than a training encodes."""
    cell_px = 2 ** (len(vae.config.block_out_channels) - 1)

    def decode(latents: Tensor) -> Tensor:
        together = max(1, ENCODE_PIXELS // (latents[0, 0].numel() * cell_px**2))
        parts = unscaled(vae, latents).split(together)
        return torch.cat([vae.decode(part, return_dict=False)[0].float() for part in parts])

    return decode


class Judge:
    """Measures by held-out pairs. The teacher is measured first, since its U-Net may become the student's."""

    def __init__(
        self, job: DistillJob, teacher: StableDiffusion, texts: TextStates, placement: Placement, pairs: PairSet,
        reporter: Reporter, portions: Portions,
    ) -> None:  # fmt: skip
        """Measure the teacher in few steps. Not for pairs of which none is held out; see judge_of."""
        self._job, self._pairs, self._reporter = job, pairs, reporter
        self._latest: tuple[int, StepMarks, Straightness] | None = None
        self._held_out = HeldOut(pairs, placement.device, decoder_of(teacher.vae), portions)
        self._glance = replace(self._held_out, extent=GLANCE)
        asked = GuidedTeacher(teacher, texts, placement, pairs.teacher.guidance_scale)
        with torch.no_grad():
            self._teacher = tuple(self._marks(asked, steps) for steps in FEW)
            self._teacher_glance = self._marks(asked, 1, self._glance)
            self._teacher_paths = self._held_out.straightness(asked.velocity)

    def look(self, distiller: Distiller) -> StepMarks | None:
        """Log how the student does in its own steps, and return it; at the end by all pairs, before by a few.

        A failure here is told, and never ends the run: None.
        """

        def looked() -> StepMarks:
            if distiller.is_done:
                marks, paths = self._measured(distiller)
                values = self._values(marks, paths, self._teacher[0])
            else:
                student = distiller.student
                marks = self._marks(student, self._job.student_steps, self._glance)
                values = self._values(marks, self._glance.straightness(student.velocity), self._teacher_glance)
            self._reporter.emit(MetricLogged(step=distiller.step, values=values))
            return marks

        return self._with_average(distiller, looked)

    def report(self, distiller: Distiller) -> DistillReport | None:
        """Write the report into the job's folder and return it; a failure is told, and None returned."""

        def written() -> DistillReport:
            own, paths = self._measured(distiller)
            others = {*FEW, self._job.num_inference_steps} - {own.steps}
            marks = [own, *(self._marks(distiller.student, each) for each in others)]
            report = DistillReport(
                step=distiller.step, pairs=len(self._pairs.train), held_out=self._held_out.count,
                fingerprint=self._pairs.fingerprint, teacher=self._teacher,
                student=tuple(sorted(marks, key=lambda each: each.steps)),
                straightness=paths.value, straightness_relative=paths.relative,
                teacher_straightness=self._teacher_paths.value,
                teacher_straightness_relative=self._teacher_paths.relative,
            )  # fmt: skip
            write_report(Path(self._job.out_dir), report)
            return report

        return self._with_average(distiller, written)

    def _measured(self, distiller: Distiller) -> tuple[StepMarks, Straightness]:
        """Return what the student does in its own steps, by all pairs; at one step it is measured once."""
        if self._latest is None or self._latest[0] != distiller.step:
            marks = self._marks(distiller.student, self._job.student_steps)
            self._latest = distiller.step, marks, self._held_out.straightness(distiller.student.velocity)
        return self._latest[1:]

    def _marks(self, drawer: Drawer, steps: int, by: HeldOut | None = None) -> StepMarks:
        def draw(noise: Tensor, captions: Sequence[str], many: int) -> Tensor:
            return drawn_in_steps(drawer, noise, captions, many)

        return (by or self._held_out).marks(draw, steps)

    def _values(self, marks: StepMarks, paths: Straightness, teacher: StepMarks) -> dict[str, float]:
        values = {
            "pair_mse": marks.latent_mse, "pair_psnr": marks.psnr, "gain": marks.gain_over(teacher),
            "straightness": paths.value, "straightness_relative": paths.relative,
        } | ({} if marks.variety is None else {"variety": marks.variety})  # fmt: skip
        return {name: value for name, value in values.items() if math.isfinite(value)}

    def _with_average(self, distiller: Distiller, work: Callable[[], Found]) -> Found | None:
        """Do the work with the student's average in place; None where it fails, which is told."""
        try:
            with distiller.evaluating(), torch.no_grad():
                return work()
        except FAILURES as error:
            sentence = _("The student was not measured at step {step}: {reason}")
            self._reporter.notice(sentence.format(step=distiller.step, reason=error), "warning")
        give_memory_back()
        return None


def judge_of(
    job: DistillJob, teacher: StableDiffusion, texts: TextStates, placement: Placement, pairs: PairSet,
    reporter: Reporter, portions: Portions,
) -> Judge | None:  # fmt: skip
    """Return the judge of a distillation, the teacher measured by now; None where no pair is held out.

    None too where that fails, for want of memory perhaps, which is told: a run goes on without being measured.
    """
    if not len(pairs.held_out):
        return None
    try:
        return Judge(job, teacher, texts, placement, pairs, reporter, portions)
    except FAILURES as error:
        sentence = _("The teacher could not be measured, so nothing is measured while it learns: {reason}")
        reporter.notice(sentence.format(reason=error), "warning")
    give_memory_back()
    return None
