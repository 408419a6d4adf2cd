"""What a generate job comes to: every picture with its own words and settings, and which are drawn together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, PromptRow, Sampler
from sketchdesk.contracts.text import _
from sketchdesk.engine.draw import DrawSettings, settings_for
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.samplers import make_scheduler, sampler_name
from sketchdesk.engine.sampling.source import Source, check_mask
from sketchdesk.engine.sampling.steps import choose_steps
from sketchdesk.library.drawing.forecast import BATCH_PIXELS
from sketchdesk.library.drawing.source_picture import drawn_size
from sketchdesk.library.images.record import styled
from sketchdesk.library.models.samplers import display_name, goes_with
from sketchdesk.library.prompts.wildcards import expand

Group = list[tuple[int, "Item"]]
"""Numbered pictures that are drawn together."""
SHOWN_CHARACTERS = 80
"""What a message shows of a prompt."""


@dataclass(frozen=True)
class Item:
    """One picture to draw. Its words are final: every choice in them is made."""

    prompt: str
    negative_prompt: str
    style_prefix: str
    style_suffix: str
    seed: int
    settings: DrawSettings
    kept: bool = True
    """Whether it is saved, or only denoised beside those that are."""

    @property
    def full_prompt(self) -> str:
        """The text the model reads."""
        return styled(self.prompt, self.style_prefix, self.style_suffix).strip()


def plan(job: GenerateJob, model: StableDiffusion, source: Source | None = None) -> list[Item]:
    """Return every picture of the job in order; a row's own settings win over the job's, the model's fill the rest.

    Raises SketchDeskError(BAD_INPUT) where there is none, or none of those that the job keeps, and, before anything is
    drawn, for a row with a size, a sampler or a number of steps that the model cannot draw with, by its prompt; for an
    inpainting model without a mask.
    """
    items: list[Item] = []
    possible: set[tuple[Sampler | None, int]] = set()
    check_mask(model, source)
    for row in job.prompts:
        with _named(row, len(job.prompts)):
            settings = settings_for(model, _settings(job, row, model, source))
            if (way := (settings.sampler, settings.num_inference_steps)) not in possible:
                _check_steps(settings, model, source)
                possible.add(way)
        first = job.seed if row.seed is None else row.seed
        for seed in range(first, first + (row.count or job.count)):
            kept = not job.kept or len(items) in job.kept
            items.append(_item(job, row, seed, settings, kept))
    if not any(item.kept for item in items):
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is nothing to draw."))
    return items


def batches(items: list[Item], batch_size: int | None) -> Iterator[Group]:
    """Yield numbered items in order, grouped while their settings are equal and the batch has room.

    A batch of which nothing is kept is left out.
    """
    groups = _all_batches(items, batch_size)
    return (group for group in groups if any(item.kept for _number, item in group))


def _all_batches(items: list[Item], batch_size: int | None) -> Iterator[Group]:
    group: Group = []
    for number, item in enumerate(items):
        pixels = item.settings.width * item.settings.height
        room = batch_size or max(1, BATCH_PIXELS // pixels)
        if group and (group[-1][1].settings != item.settings or len(group) >= room):
            yield group
            group = []
        group.append((number, item))
    if group:
        yield group


def _settings(job: GenerateJob, row: PromptRow, model: StableDiffusion, source: Source | None) -> DrawSettings:
    guidance = job.guidance_scale if row.guidance_scale is None else row.guidance_scale
    width = height = model.sample_size_px
    if source is not None:
        width, height = drawn_size(source.picture.size, model.sample_size_px, model.vae_scale_factor)
    return DrawSettings(
        num_inference_steps=row.num_inference_steps or job.num_inference_steps,
        guidance_scale=model.defaults.guidance_scale if guidance is None else guidance,
        sampler=row.sampler or job.sampler,
        width=row.width or job.width or width,
        height=row.height or job.height or height,
        guidance_rescale=job.guidance_rescale,
        clip_skip=job.clip_skip,
        prompt_weighting=job.prompt_weighting,
        fast=job.fast,
    )


def shown(prompt: str) -> str:
    """Return a prompt as messages show it."""
    return prompt if len(prompt) <= SHOWN_CHARACTERS else f"{prompt[:SHOWN_CHARACTERS]}…"


@contextmanager
def _named(row: PromptRow, rows: int) -> Iterator[None]:
    """Say of what is wrong in one of several rows which it is."""
    try:
        yield
    except SketchDeskError as error:
        if rows == 1:
            raise
        message = _("“{prompt}”: {problem}").format(prompt=shown(row.prompt), problem=error.message)
        raise SketchDeskError(error.kind, message, error.details) from error


def _check_steps(settings: DrawSettings, model: StableDiffusion, source: Source | None) -> None:
    """Raise SketchDeskError(BAD_INPUT) as check_sampler and choose_steps do."""
    check_sampler(settings.sampler, model)
    scheduler = make_scheduler(settings.sampler, model.scheduler_config, model.rectified_flow)
    strength = source.strength if source else 1.0
    choose_steps(scheduler, settings.num_inference_steps, torch.device("cpu"), strength)


def check_sampler(sampler: Sampler | None, model: StableDiffusion) -> None:
    """Raise SketchDeskError(BAD_INPUT) for a sampler that would draw nothing but noise with the model.

    A rectified flow predicts a velocity, which the other samplers take for noise, and the other way about; a PeRFlow's
    path is another one.
    """
    own = sampler_name(model.scheduler_config, model.rectified_flow)
    if sampler is not None and not goes_with(sampler, own):
        message = _("The sampler {sampler} does not go with this model; choose the model's own.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message.format(sampler=display_name(sampler)))


def _item(job: GenerateJob, row: PromptRow, seed: int, settings: DrawSettings, kept: bool) -> Item:
    negative = job.negative_prompt if row.negative_prompt is None else row.negative_prompt
    written = (row.prompt, negative, job.style_prefix, job.style_suffix)
    prompt, negative, prefix, suffix = (expand(text, seed) if job.wildcards else text for text in written)
    return Item(prompt, negative, prefix, suffix, seed, settings, kept)
