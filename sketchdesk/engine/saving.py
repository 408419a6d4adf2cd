"""What becomes of a drawn picture: it is written with its record, and told of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PIL import Image

from sketchdesk import __version__
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved, PreviewReady
from sketchdesk.contracts.jobs import GenerateJob, ImageFormat, MemorySaving
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.draw import Drawing
from sketchdesk.engine.models.hashing import LaterHashes
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.plan import Group, Item
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.resuming import note_saving
from sketchdesk.engine.sampling.samplers import sampler_name
from sketchdesk.library.drawing.forecast import strength_of
from sketchdesk.library.drawing.source_picture import file_hash
from sketchdesk.library.drawing.unsaved import unsaved_dir
from sketchdesk.library.images.metadata import ImageRecord, save_new_image
from sketchdesk.library.models.schedules import unusual

SUFFIXES: dict[ImageFormat, str] = {"png": "png", "jpeg": "jpg", "webp": "webp"}


@dataclass(frozen=True)
class SourceMark:
    """Which files a job drew from: their SHA-256, "" for none."""

    init_hash: str = ""
    mask_hash: str = ""


class Saver:
    """Writes the pictures of one job and says so: where the job names, or unsaved into its run's folder."""

    def __init__(self, job: GenerateJob, model: StableDiffusion, placement: Placement, reporter: Reporter) -> None:
        self._job = job
        self._placement = placement
        self._reporter = reporter
        self._sampler = sampler_name(model.scheduler_config, model.rectified_flow)
        self._mark = source_mark(job)
        self._schedule = unusual(model.scheduler_config, model.rectified_flow)
        self._hashes = LaterHashes(model.folder, job)
        self.folder = folder_of(job, reporter)

    def save(self, drawing: Drawing, group: Group, savings: tuple[MemorySaving, ...]) -> None:
        """Write those of a drawn batch that the job keeps. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
        seconds = (drawing.text_s + drawing.denoise_s + drawing.decode_s) / len(group)
        for place_in_batch, ((number, item), image) in enumerate(zip(group, drawing.images, strict=True)):
            if not item.kept:
                continue
            record = self._record(drawing, group, place_in_batch, savings)
            note = partial(note_saving, self._reporter.run_dir)
            path = save_new_image(image, self.folder / _name(number, item, self._job.image_format), record, note)
            self._tell(path, item, image, seconds)

    def _tell(self, path: Path, item: Item, image: Image.Image, seconds: float) -> None:
        if not self._job.keep:
            steps = item.settings.num_inference_steps
            self._reporter.emit(
                PreviewReady(path=str(path), prompt=item.prompt, seed=item.seed, step=steps, total=steps)
            )
            return
        self._reporter.emit(
            ImageSaved(
                path=str(path),
                prompt=item.prompt,
                seed=item.seed,
                width=image.width,
                height=image.height,
                seconds=seconds,
            )
        )

    def _record(
        self, drawing: Drawing, group: Group, place_in_batch: int, savings: tuple[MemorySaving, ...]
    ) -> ImageRecord:
        job, placement = self._job, self._placement
        item = group[place_in_batch][1]
        settings = item.settings
        hashes = self._hashes.value()
        return ImageRecord(
            prompt=item.prompt,
            style_prefix=item.style_prefix,
            style_suffix=item.style_suffix,
            negative_prompt=item.negative_prompt,
            prompt_weighting=settings.prompt_weighting,
            clip_skip=settings.clip_skip,
            seed=item.seed,
            num_inference_steps=settings.num_inference_steps,
            guidance_scale=settings.guidance_scale,
            guidance_rescale=settings.guidance_rescale,
            sampler=settings.sampler or self._sampler,
            width=settings.width,
            height=settings.height,
            model=job.model,
            model_hash=hashes.model,
            loras=job.loras,
            lora_hashes=hashes.loras,
            embeddings=job.embeddings,
            embedding_hashes=hashes.embeddings,
            decoder_hash=hashes.decoder,
            own_sampler=settings.sampler is None,
            scheduler=self._schedule,
            init_image=job.init_image or "",
            init_hash=self._mark.init_hash,
            strength=strength_of(job),
            mask_image=job.mask_image or "",
            mask_hash=self._mark.mask_hash,
            unmasked_kept=job.mask_image is not None and job.keep_unmasked,
            device=str(placement.device),
            precision=placement.precision,
            memory_savings=savings,
            fast=settings.fast,
            batch_size=len(group),
            batch_index=place_in_batch,
            batch_seeds=tuple(item.seed for _number, item in group),
            num_threads=placement.num_threads,
            text_s=drawing.text_s,
            denoise_s=drawing.denoise_s,
            decode_s=drawing.decode_s,
            steps_taken=drawing.steps_taken,
            app_version=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def folder_of(job: GenerateJob, reporter: Reporter) -> Path:
    """Return where a job's pictures go. Raises BAD_INPUT for unsaved ones of a job without a run folder."""
    if job.keep:
        return Path(job.out_dir)
    if reporter.run_dir is None:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("Drawing without keeping needs a run folder."))
    return unsaved_dir(reporter.run_dir)


def source_mark(job: GenerateJob) -> SourceMark:
    """Return the hashes of what a job draws from."""
    hashes = (file_hash(Path(name)) if name else "" for name in (job.init_image, job.mask_image))
    return SourceMark(*hashes)


def _name(number: int, item: Item, image_format: ImageFormat) -> str:
    """Return a file name that says number, prompt and seed."""
    slug = re.sub(r"[^\w]+", "-", item.prompt.lower()).strip("-")[:40]
    return f"{number:05d}-{slug or 'image'}-{item.seed}.{SUFFIXES[image_format]}"
