"""Teacher and student side by side: the same words and the same noise, as often as a job asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from PIL import Image

from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.distillation.judging import FAILURES
from sketchdesk.engine.distillation.pairs import pair_settings
from sketchdesk.engine.distillation.phase_loop import Distiller
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.distillation.student import Student, drawn_in_steps
from sketchdesk.engine.draw import decode, draw_batch
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.denoise import draw_noise, generators_for

SAMPLES, TEACHER = "samples", "teacher"


def draw_teacher(job: DistillJob, model: StableDiffusion, out: Path, reporter: Reporter, portions: Portions) -> None:
    """Draw the validation prompts with the teacher just as it draws pairs, unless its pictures are there already.

    A failure here is told and never ends the run.
    """
    folder, prompts = out / SAMPLES / TEACHER, job.validation_prompts
    if len(list(folder.glob("*.png"))) == len(prompts):
        return
    settings, seeds = pair_settings(job, model), seeds_of(job)

    def drawn(numbers: Sequence[int]) -> list[Image.Image]:
        texts = [prompts[number] for number in numbers]
        return draw_batch(model, texts, [""] * len(texts), [seeds[number] for number in numbers], settings).images

    try:
        _show(job, _all(portions, prompts, drawn), folder, reporter, (0, 0))
    except FAILURES as error:
        reporter.notice(_("Samples at step {step} were skipped: {reason}").format(step=0, reason=error), "warning")


def draw_student(job: DistillJob, distiller: Distiller, out: Path, reporter: Reporter, portions: Portions) -> None:
    """Draw them with the student's average, in its own steps. A failure here is told and never ends the run."""
    if not job.validation_prompts:
        return
    student, step = distiller.student, distiller.step
    try:
        with distiller.evaluating(), torch.no_grad():
            images = _all(portions, job.validation_prompts, partial(_drawn, job, student))
        _show(job, images, out / SAMPLES / f"step-{step:06d}", reporter, (step, distiller.total))
    except FAILURES as error:
        reporter.notice(_("Samples at step {step} were skipped: {reason}").format(step=step, reason=error), "warning")


def seeds_of(job: DistillJob) -> list[int]:
    """Return the seeds the validation prompts are drawn with."""
    return [job.seed + number for number in range(len(job.validation_prompts))]


def _all(
    portions: Portions, prompts: Sequence[str], draw: Callable[[Sequence[int]], list[Image.Image]]
) -> list[Image.Image]:
    """Return the pictures that `draw` makes of the prompts, which it is given by their numbers."""
    return [image for _part, images in portions.of(range(len(prompts)), draw) for image in images]


def _drawn(job: DistillJob, student: Student, numbers: Sequence[int]) -> list[Image.Image]:
    model, seeds = student.model, seeds_of(job)
    cells = (job.resolution or model.sample_size_px) // model.vae_scale_factor
    shape = (int(model.vae.config.latent_channels), cells, cells)
    noise = draw_noise(generators_for([seeds[number] for number in numbers]), shape)
    texts = [job.validation_prompts[number] for number in numbers]
    return decode(model.vae, drawn_in_steps(student, noise.to(model.device), texts, job.student_steps))


def _show(
    job: DistillJob, images: Sequence[Image.Image], folder: Path, reporter: Reporter, progress: tuple[int, int]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    step, total = progress
    for number, (prompt, seed, image) in enumerate(zip(job.validation_prompts, seeds_of(job), images, strict=True)):
        path = folder / f"{number:03d}.png"
        image.save(path)
        reporter.emit(PreviewReady(path=str(path), prompt=prompt, seed=seed, step=step, total=total))
