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


class SideBySide:
    """Draws the job's validation prompts into out_dir/samples: teacher/ once, step-N/ again and again."""

    def __init__(self, job: DistillJob, student: Student, out: Path, reporter: Reporter) -> None:
        self._job, self._student, self._out, self._reporter = job, student, out, reporter
        self._seeds = [job.seed + number for number in range(len(job.validation_prompts))]
        self._side = job.resolution or student.model.sample_size_px

    def teacher(self, model: StableDiffusion) -> None:
        """Draw with the teacher as it draws pairs, unless its pictures are there."""
        job = self._job
        if not self._seeds or (self._out / SAMPLES / TEACHER).is_dir():
            return
        guidance = model.defaults.guidance_scale if job.guidance_scale is None else job.guidance_scale
        settings = DrawSettings(job.num_inference_steps, guidance, job.sampler, self._side, self._side)
        prompts = job.validation_prompts
        drawing = draw_batch(model, prompts, [""] * len(prompts), self._seeds, settings)
        self._show(drawing.images, TEACHER, 0, 0)

    def student(self, distiller: Distiller) -> None:
        """Draw with the student's average, in its own steps. A failure here is told and never ends the run."""
        if not self._seeds:
            return
        try:
            with distiller.evaluating(), torch.no_grad():
                images = self._drawn()
            self._show(images, f"step-{distiller.step:06d}", distiller.step, distiller.total)
        except (RuntimeError, OSError, MemoryError, SketchDeskError) as error:
            sentence = _("Samples at step {step} were skipped: {reason}")
            self._reporter.notice(sentence.format(step=distiller.step, reason=error), "warning")

    def _drawn(self) -> list[Image.Image]:
        model = self._student.model
        cells = self._side // model.vae_scale_factor
        noise = draw_noise(generators_for(self._seeds), (int(model.vae.config.latent_channels), cells, cells))
        latents = drawn_in_steps(
            self._student, noise.to(model.device), self._job.validation_prompts, self._job.student_steps
        )
        return decode(model.vae, latents)

    def _show(self, images: Sequence[Image.Image], name: str, step: int, total: int) -> None:
        folder = self._out / SAMPLES / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, (prompt, seed, image) in enumerate(
            zip(self._job.validation_prompts, self._seeds, images, strict=True)
        ):
            path = folder / f"{number:03d}.png"
            image.save(path)
            self._reporter.emit(PreviewReady(path=str(path), prompt=prompt, seed=seed, step=step, total=total))
