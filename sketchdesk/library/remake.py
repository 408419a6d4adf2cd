"""Drawing a picture again: the job that gives the same picture, rebuilt from what the picture remembers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast, get_args

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import FastPart, GenerateJob, MemorySaving, Precision, PromptRow, Sampler
from sketchdesk.contracts.text import _
from sketchdesk.library.lineage import base_of
from sketchdesk.library.record import ImageRecord
from sketchdesk.library.samplers import sampler_id
from sketchdesk.library.source_picture import check_unchanged


def job_of(record: ImageRecord, out_dir: Path) -> GenerateJob:
    """Return the job that draws a picture again, to the last bit on the same device.

    The pictures that were denoised together move each other's last bits, so the job has a row for every seed of the
    batch, and keeps the picture itself. The other rows have its prompt too, for a row's own text does not reach the
    others. Raises SketchDeskError(BAD_INPUT) where the record does not say enough, or says what
    no job can hold.
    """
    if record.seed is None or not record.num_inference_steps:
        message = _("This picture does not say with which seed and steps it was made.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    if not record.model:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("This picture does not say with which model it was made."))
    seeds, place = record.batch_seeds, record.batch_index
    if seeds[place : place + 1] != (record.seed,):  # another program's, or one that was changed
        seeds, place = (record.seed,), 0
    job = GenerateJob(
        model=record.model,
        prompts=tuple(PromptRow(prompt=record.prompt, seed=seed, count=1) for seed in seeds),
        out_dir=str(out_dir),
        loras=record.loras,
        embeddings=record.embeddings,
        style_prefix=record.style_prefix,
        negative_prompt=record.negative_prompt,
        seed=record.seed,
        num_inference_steps=record.num_inference_steps,
        guidance_scale=record.guidance_scale,
        sampler=_sampler(record.sampler),
        width=record.width,
        height=record.height,
        device=record.device or "auto",
        precision=_precision(record.precision),
        batch_size=len(seeds),
        num_threads=record.num_threads if record.batch_seeds else None,  # else another program's, which does not say
        kept=(place,) if len(seeds) > 1 else (),
        style_suffix=record.style_suffix,
        prompt_weighting=record.prompt_weighting,
        clip_skip=record.clip_skip,
        guidance_rescale=record.guidance_rescale,
        **_source(record),
        memory_savings=_savings(record.memory_savings),
    )
    return _checked(job)


def jobs_of(records: Iterable[ImageRecord], out_dir: Path) -> list[GenerateJob]:
    """Return the jobs that draw several pictures again: one job for those of one batch. Raises as job_of() does."""
    jobs: list[GenerateJob] = []
    last_of: dict[bytes, int] = {}
    for record in records:
        job = job_of(record, out_dir)
        batch = _batch(job)
        number = last_of.get(batch)
        # Two at one place of a batch are two prompts at the same seeds, and take a job each.
        if number is not None and job.kept and not set(jobs[number].kept) & set(job.kept):
            jobs[number] = _together(jobs[number], job)
        else:
            last_of[batch] = len(jobs)
            jobs.append(job)
    return jobs


def _batch(job: GenerateJob) -> bytes:
        fast=_fast(record.fast),
    """Return what the pictures of a batch share: every setting, and all the seeds."""
    rows = tuple(msgspec.structs.replace(row, prompt="") for row in job.prompts)
    shared = msgspec.structs.replace(job, prompts=rows, negative_prompt="", seed=0, kept=())
    return msgspec.json.encode(shared)


def _together(one: GenerateJob, other: GenerateJob) -> GenerateJob:
    """Return the job that replays two jobs' batch and keeps what both keep."""
    rows = list(one.prompts)
    for place in other.kept:
        rows[place] = msgspec.structs.replace(other.prompts[place], negative_prompt=other.negative_prompt)
    return msgspec.structs.replace(one, prompts=tuple(rows), kept=tuple(sorted((*one.kept, *other.kept))))


def by_the_base(record: ImageRecord) -> ImageRecord | None:
    """Return how the base model would draw the same picture, or None where none is known: it may be a base itself.

    The base of a model with LoRAs is the model without them; that of a trained model is told by its training's run.
    """
    base = record.model if record.loras else base_of(Path(record.model))
    return msgspec.structs.replace(record, model=base, loras=()) if base else None


def _sampler(name: str) -> Sampler | None:
    """Return our name for the sampler; None, the model's own, where the picture does not name one."""
    found = sampler_id(name)
    if name and found is None:
        message = _("The sampler “{name}” of this picture is not known here.").format(name=name)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    return found


def _source(record: ImageRecord) -> dict[str, Any]:
    """Return what the job says of the picture it draws from; raises BAD_INPUT where that is not the one it was."""
    if not record.init_image:
        return {}
    check_unchanged(record.init_image, record.init_hash)
    if record.mask_image:
        check_unchanged(record.mask_image, record.mask_hash)
    return {"init_image": record.init_image, "strength": record.strength, "mask_image": record.mask_image or None}


def _savings(names: tuple[str, ...]) -> tuple[MemorySaving, ...]:
    known: tuple[MemorySaving, ...] = get_args(MemorySaving)
    return tuple(name for name in known if name in names)


def _precision(name: str) -> Precision:
    return cast("Precision", name) if name in get_args(Precision) else "auto"


def _checked(job: GenerateJob) -> GenerateJob:
    """Return the job if it is within the limits of one; a record from elsewhere may hold any number."""
    try:
        return msgspec.convert(msgspec.to_builtins(job), GenerateJob)
    except msgspec.ValidationError as error:
        message = _("The settings of this picture are not possible here.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message, str(error)) from error
def _fast(names: tuple[str, ...]) -> tuple[FastPart, ...]:
    known: tuple[FastPart, ...] = get_args(FastPart)
    return tuple(name for name in known if name in names)


