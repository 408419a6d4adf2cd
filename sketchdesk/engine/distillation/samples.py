"""Teacher and student side by side: the same words and the same noise, as often as a job asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.distillation.phase_loop import Distiller
from sketchdesk.engine.distillation.student import Student, drawn_in_steps
from sketchdesk.engine.draw import DrawSettings, decode, draw_batch
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.denoise import draw_noise, generators_for

SAMPLES, TEACHER = "samples", "teacher"


def draw_teacher(job: DistillJob, model: StableDiffusion, out: Path, reporter: Reporter) -> None:
    """Draw the validation prompts with the teacher as it draws pairs, unless its pictures are there already."""
    folder, prompts = out / SAMPLES / TEACHER, job.validation_prompts
    if not prompts or folder.is_dir():
        return
    side = job.resolution or model.sample_size_px
    guidance = model.defaults.guidance_scale if job.guidance_scale is None else job.guidance_scale
    settings = DrawSettings(job.num_inference_steps, guidance, job.sampler, side, side)
    images = draw_batch(model, prompts, [""] * len(prompts), seeds_of(job), settings).images
    _show(job, images, folder, reporter, (0, 0))


def draw_student(job: DistillJob, distiller: Distiller, out: Path, reporter: Reporter) -> None:
    """Draw them with the student's average, in its own steps. A failure here is told and never ends the run."""
    if not job.validation_prompts:
        return
    student, step = distiller.student, distiller.step
    try:
        with distiller.evaluating(), torch.no_grad():
            images = _drawn(job, student)
        _show(job, images, out / SAMPLES / f"step-{step:06d}", reporter, (step, distiller.total))
    except (RuntimeError, OSError, MemoryError, SketchDeskError) as error:
        reporter.notice(_("Samples at step {step} were skipped: {reason}").format(step=step, reason=error), "warning")


def seeds_of(job: DistillJob) -> list[int]:
    """Return the seeds the validation prompts are drawn with."""
    return [job.seed + number for number in range(len(job.validation_prompts))]


def _drawn(job: DistillJob, student: Student) -> list[Image.Image]:
    model = student.model
    cells = (job.resolution or model.sample_size_px) // model.vae_scale_factor
    noise = draw_noise(generators_for(seeds_of(job)), (int(model.vae.config.latent_channels), cells, cells))
    latents = drawn_in_steps(student, noise.to(model.device), job.validation_prompts, job.student_steps)
    return decode(model.vae, latents)


def _show(
    job: DistillJob, images: Sequence[Image.Image], folder: Path, reporter: Reporter, progress: tuple[int, int]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    step, total = progress
    for number, (prompt, seed, image) in enumerate(zip(job.validation_prompts, seeds_of(job), images, strict=True)):
        path = folder / f"{number:03d}.png"
        image.save(path)
        reporter.emit(PreviewReady(path=str(path), prompt=prompt, seed=seed, step=step, total=total))
