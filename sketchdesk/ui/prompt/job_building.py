"""From what stands in the panel to the job, and from a picture back to the panel; without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast, get_args

import msgspec

from sketchdesk.contracts.jobs import FastPart, GenerateJob, MemorySaving, Precision, PromptRow, Sampler
from sketchdesk.contracts.reading import convert
from sketchdesk.library.drawing.draft import Draft
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.samplers import SAMPLERS, without_schedule
from sketchdesk.library.prompts.seeded_rows import seeded
from sketchdesk.library.prompts.wildcards import has_choices
from sketchdesk.library.settings import Settings
from sketchdesk.ui.prompt.own_choice import parse_guidance, parse_size, size_text

LARGEST_COUNT, LARGEST_SKIP, MOST_TOGETHER = 100_000, 100, 64
ANY_PX = 1
"""As a latent cell, it lets every size pass."""


def build_job(draft: Draft, rows: Sequence[PromptRow], runs: tuple[range, ...], settings: Settings) -> GenerateJob:
    """Return the job that a draft asks for; a guidance or size that means nothing is left to the model.

    Images go into a folder named after today among the person's images.
    """
    prompts, seed, count = seeded(rows, runs, draft.count)
    width, height = parse_size(draft.size, ANY_PX).value or (None, None)
    return GenerateJob(
        model=draft.model,
        prompts=prompts,
        out_dir=str(settings.images_folder / date.today().isoformat()),
        loras=draft.loras,
        embeddings=draft.embeddings,
        allow_pickle=draft.allow_pickle,
        style_prefix=draft.style_prefix.strip(),
        style_suffix=draft.style_suffix.strip(),
        wildcards=draft.wildcards,
        prompt_weighting=draft.prompt_weighting,
        negative_prompt=draft.negative_prompt.strip(),
        count=count,
        seed=seed,
        num_inference_steps=draft.steps,
        guidance_scale=parse_guidance(draft.guidance).value,
        sampler=_sampler(draft.sampler),
        width=width,
        height=height,
        device=draft.device,
        precision=cast("Precision", draft.precision),
        num_threads=settings.num_threads,
        clip_skip=draft.clip_skip,
        guidance_rescale=draft.guidance_rescale,
        memory_savings=draft.memory_savings,
        fast=draft.fast,
        batch_size=draft.batch_size or None,
        keep=draft.keep,
        image_format=settings.image_format,
        **_source(draft),
    )


def _source(draft: Draft) -> dict[str, Any]:
    """Return what a job says of the picture it draws from; without one there is neither mask nor strength."""
    if not draft.init_image:
        return {}
    return {"init_image": draft.init_image, "mask_image": draft.mask_image or None, "strength": draft.strength}


def _sampler(name: str) -> Sampler | None:
    return next((sampler for sampler in SAMPLERS if sampler == name), None)


def draft_of_job(job: GenerateJob) -> Draft:
    """Return the draft that asks for a job again; where its images go and which are kept are not part of it."""
    return Draft(
        rows=job.prompts,
        style_prefix=job.style_prefix,
        style_suffix=job.style_suffix,
        negative_prompt=job.negative_prompt,
        wildcards=job.wildcards,
        prompt_weighting=job.prompt_weighting,
        model=job.model,
        loras=job.loras,
        embeddings=job.embeddings,
        allow_pickle=job.allow_pickle,
        init_image=job.init_image or "",
        mask_image=job.mask_image or "",
        strength=job.strength,
        keep=job.keep,
        device=job.device,
        precision=job.precision,
        sampler=job.sampler or "",
        steps=job.num_inference_steps,
        guidance=number_text(job.guidance_scale),
        size=size_text(job.width, job.height),
        seeds=str(job.seed),
        keeps_seed=True,
        count=job.count,
        clip_skip=job.clip_skip,
        guidance_rescale=job.guidance_rescale,
        memory_savings=job.memory_savings,
        fast=job.fast,
        batch_size=min(MOST_TOGETHER, job.batch_size or 0),
    )


def draft_of_records(records: Sequence[ImageRecord], before: Draft) -> Draft:
    """Return the draft that draws pictures again: the first one's settings, and a row with a seed for each.

    What another picture has different stands in its row, except its model. What the first one does not say, and where
    it was computed, stay as they were before.
    """
    first = records[0]
    settings = {
        "style_prefix": first.style_prefix,
        "style_suffix": first.style_suffix,
        "negative_prompt": first.negative_prompt,
        **_reading(first, before),
        "model": first.model or before.model,
        "loras": first.loras,
        "embeddings": first.embeddings,
        "init_image": first.init_image,
        "mask_image": first.mask_image,
        "strength": first.strength if first.init_image and 0 <= first.strength <= 1 else None,
        "clip_skip": min(LARGEST_SKIP, max(0, first.clip_skip)),
        "guidance_rescale": first.guidance_rescale if 0 <= first.guidance_rescale <= 1 else 0.0,
        "memory_savings": tuple(name for name in get_args(MemorySaving) if name in first.memory_savings),
        "fast": tuple(name for name in get_args(FastPart) if name in first.fast),
        "sampler": "" if first.own_sampler else without_schedule(first.sampler)[0] or "",
        "steps": first.num_inference_steps if 1 <= (first.num_inference_steps or 0) <= 1000 else before.steps,
        "guidance": before.guidance if first.guidance_scale is None else number_text(first.guidance_scale),
        "size": size_text(first.width, first.height),
        "count": 1,
        "entry": "",
    }
    if len(records) > 1:
        return msgspec.structs.replace(before, **settings, rows=tuple(_row_of(one, first) for one in records))
    seed = {} if first.seed is None else {"seeds": str(first.seed), "keeps_seed": True}
    return msgspec.structs.replace(before, **settings, **seed, rows=(PromptRow(prompt=first.prompt),))


def _reading(record: ImageRecord, before: Draft) -> dict[str, bool]:
    """Return whether braces choose and brackets weigh in a picture's texts.

    Where there are none it makes no difference, and all stays as it was before: a picture without them is no reason to
    have them mean nothing in the next prompt. The choices in a picture's texts were made when it was drawn; what still
    looks like one was meant as it stands. Another program's pictures do not say whether brackets weighed.
    """
    texts = (record.prompt, record.style_prefix, record.style_suffix, record.negative_prompt)
    says = record.has_brackets and record.app_version != ""
    return {
        "wildcards": before.wildcards and not any(has_choices(text) for text in texts),
        "prompt_weighting": record.prompt_weighting if says else before.prompt_weighting,
    }


def _row_of(record: ImageRecord, first: ImageRecord) -> PromptRow:
    """Return a picture's row: its seed, and what it has different from the first one, as far as a row can say it."""
    row: dict[str, object] = {"prompt": record.prompt, "count": 1, "seed": record.seed}
    if record.negative_prompt != first.negative_prompt:
        row["negative_prompt"] = record.negative_prompt
    if record.sampler != first.sampler:
        row["sampler"] = without_schedule(record.sampler)[0]
    for name in ("num_inference_steps", "guidance_scale"):
        if getattr(record, name) != getattr(first, name):
            row[name] = getattr(record, name)
    if (record.width, record.height) != (first.width, first.height):
        row |= {"width": record.width, "height": record.height}
    possible = {name: value for name, value in row.items() if _is_possible(name, value)}
    return convert(possible, PromptRow)


def _is_possible(name: str, value: object) -> bool:
    """Tell whether a row can hold a value that another program wrote."""
    try:
        convert({"prompt": "", name: value}, PromptRow)
    except msgspec.ValidationError:
        return False
    return value is not None


def with_model(job: GenerateJob, model: str) -> GenerateJob:
    """Return the same job for another model, at the same seeds."""
    return msgspec.structs.replace(job, model=model)


def without_loras(job: GenerateJob) -> GenerateJob:
    """Return the same job without its LoRAs."""
    return msgspec.structs.replace(job, loras=())


def number_text(value: float | None) -> str:
    """Return a number as it is typed, "" for none."""
    return "" if value is None else f"{value:g}"
