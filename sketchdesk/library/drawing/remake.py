"""Drawing a picture again: the job that gives the same picture, rebuilt from what the picture remembers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast, get_args

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import FastPart, GenerateJob, MemorySaving, Precision, PromptRow, Sampler
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.found_here import found_here
from sketchdesk.library.drawing.made_with import Checker, Tell, check_unpickled, needs_pickle
from sketchdesk.library.drawing.not_taken import drawn_otherwise
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.lineage import base_of
from sketchdesk.library.models.samplers import without_schedule

TOLD = 3
"""How many changed files are named in a sentence; the details have all."""


class Insistence(msgspec.Struct, frozen=True, kw_only=True):
    """What the person wants all the same, having been told why not."""

    changed: bool = False
    """Draw with files that are not what they were; the picture will be another one."""
    allow_pickle: bool = False
    """Read files that can run code; those that would are refused all the same."""


NO_INSISTENCE = Insistence()


def job_of(record: ImageRecord, out_dir: Path, insisted: Insistence = NO_INSISTENCE) -> GenerateJob:
    """Return the job that draws a picture again, to the last bit on the same device.

    The pictures that were denoised together move each other's last bits, so the job has a row for every seed of the
    batch, and keeps the picture itself. The other rows have its prompt too, for a row's own text does not reach the
    others.

    Raises SketchDeskError: BAD_INPUT where the record does not say enough, or says what no job can hold; unless the
    person insisted, CHANGED where a file it was made with is not what it was or something is not to be had here, and
    UNSAFE_WEIGHTS where a file can run code. Files are read for that (library.drawing.made_with): not for the window's
    own thread.
    """
    here = found_here(record)
    _check_files([here], insisted, None)
    return _job_of(here, out_dir)


def _job_of(record: ImageRecord, out_dir: Path) -> GenerateJob:
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
        sampler=None if record.own_sampler else _sampler(record.sampler),
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
        fast=_fast(record.fast),
        memory_savings=_savings(record.memory_savings),
        allow_pickle=needs_pickle(record),
    )
    return _checked(job)


def jobs_of(
    records: Iterable[ImageRecord], out_dir: Path, insisted: Insistence = NO_INSISTENCE, tell: Tell | None = None
) -> list[GenerateJob]:
    """Return the jobs that draw several pictures again: one job for those of one batch. Raises as job_of() does.

    `tell` hears how many bytes of the files were read, time and again; it may raise to end it.
    """
    wanted = [found_here(record) for record in records]
    _check_files(wanted, insisted, tell)
    jobs: list[GenerateJob] = []
    last_of: dict[bytes, int] = {}
    for record in wanted:
        job = _job_of(record, out_dir)
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
    if not base:
        return None
    unknown: dict[str, Any] = {} if record.loras else {"model_hash": "", "scheduler": {}}
    return msgspec.structs.replace(record, model=base, loras=(), lora_hashes=(), **unknown)


def _check_files(records: list[ImageRecord], insisted: Insistence, tell: Tell | None) -> None:
    """Raise UNSAFE_WEIGHTS or CHANGED where the person has not insisted; a sentence for all that is otherwise here."""
    if not insisted.allow_pickle:
        for record in records:
            check_unpickled(record)
    if insisted.changed:
        return
    checker = Checker(tell)
    told = (sentence for record in records for sentence in (*drawn_otherwise(record), *checker.changes(record)))
    changes = list(dict.fromkeys(told))
    if changes:
        raise SketchDeskError(ErrorKind.CHANGED, " ".join(changes[:TOLD]), "\n".join(changes))


def _sampler(name: str) -> Sampler | None:
    """Return our name for the sampler; None, the model's own, where the picture does not name one."""
    found, _schedule = without_schedule(name)
    if name and found is None:
        message = _("The sampler “{name}” of this picture is not known here.").format(name=name)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    return found


def _source(record: ImageRecord) -> dict[str, Any]:
    """Return what the job says of the picture it draws from."""
    if not record.init_image:
        return {}
    return {
        "init_image": record.init_image, "strength": record.strength, "mask_image": record.mask_image or None,
        "keep_unmasked": record.unmasked_kept or not record.mask_image,
    }  # fmt: skip


def _savings(names: tuple[str, ...]) -> tuple[MemorySaving, ...]:
    known: tuple[MemorySaving, ...] = get_args(MemorySaving)
    return tuple(name for name in known if name in names)


def _fast(names: tuple[str, ...]) -> tuple[FastPart, ...]:
    known: tuple[FastPart, ...] = get_args(FastPart)
    return tuple(name for name in known if name in names)


def _precision(name: str) -> Precision:
    return cast("Precision", name) if name in get_args(Precision) else "auto"


def _checked(job: GenerateJob) -> GenerateJob:
    """Return the job if it is within the limits of one; a record from elsewhere may hold any number."""
    try:
        return convert(msgspec.to_builtins(job), GenerateJob)
    except msgspec.ValidationError as error:
        message = _("The settings of this picture are not possible here.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message, str(error)) from error
