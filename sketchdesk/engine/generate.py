"""The generate job: plan the pictures, load the model once, draw in batches, save each picture as it is finished."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path

from sketchdesk import __version__
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, LoraUse
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.draw import DrawSettings, decode, draw_batch, settings_for
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.preview import Previews
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.denoise import Step
from sketchdesk.engine.sampling.samplers import sampler_name
from sketchdesk.engine.sampling.text import is_cut
from sketchdesk.library.forecast_draw import BATCH_PIXELS
from sketchdesk.library.images import ImageRecord, save_png
from sketchdesk.library.models import resolve_model

PREVIEWS = "previews"


@dataclass(frozen=True)
class Item:
    """One picture to draw."""

    prompt: str
    negative_prompt: str
    seed: int
    settings: DrawSettings
    kept: bool = True
    """Whether it is saved, or only denoised beside those that are."""

    def full_prompt(self, style_prefix: str) -> str:
        """Return the text the model reads."""
        return f"{style_prefix} {self.prompt}".strip()


def plan(job: GenerateJob, model: StableDiffusion) -> list[Item]:
    """Return every picture of the job in order; a row's own settings win over the job's, the model's fill the rest.

    Raises SketchDeskError(BAD_INPUT) where there is none, or none of those that the job keeps.
    """
    items: list[Item] = []
    for row in job.prompts:
        guidance = row.guidance_scale if row.guidance_scale is not None else job.guidance_scale
        settings = settings_for(
            model,
            DrawSettings(
                num_inference_steps=row.num_inference_steps or job.num_inference_steps,
                guidance_scale=model.defaults.guidance_scale if guidance is None else guidance,
                sampler=row.sampler or job.sampler,
                width=row.width or job.width or model.sample_size_px,
                height=row.height or job.height or model.sample_size_px,
            ),
        )
        first = job.seed if row.seed is None else row.seed
        negative = job.negative_prompt if row.negative_prompt is None else row.negative_prompt
        items += [Item(row.prompt, negative, first + n, settings) for n in range(row.count or job.count)]
    if job.kept:
        items = [replace(item, kept=number in job.kept) for number, item in enumerate(items)]
    if not any(item.kept for item in items):
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is nothing to draw."))
    return items


def batches(items: list[Item], batch_size: int | None) -> Iterator[list[tuple[int, Item]]]:
    """Yield numbered items in order, grouped while their settings are equal and the batch has room.

    A batch of which nothing is kept is left out.
    """
    groups = _all_batches(items, batch_size)
    return (group for group in groups if any(item.kept for _number, item in group))


def _all_batches(items: list[Item], batch_size: int | None) -> Iterator[list[tuple[int, Item]]]:
    group: list[tuple[int, Item]] = []
    for number, item in enumerate(items):
        pixels = item.settings.width * item.settings.height
        room = batch_size or max(1, BATCH_PIXELS // pixels)
        if group and (group[-1][1].settings != item.settings or len(group) >= room):
            yield group
            group = []
        group.append((number, item))
    if group:
        yield group


@lru_cache(maxsize=1)
def _warm_model(folder: Path, changed_ns: int, placement: Placement, loras: tuple[LoraUse, ...]) -> StableDiffusion:
    """Keep the last model loaded between jobs; `changed_ns` makes a rewritten folder load again."""
    return load_stable_diffusion(folder, placement.device, placement.dtype, loras)


def load_model(name: str, placement: Placement, loras: tuple[LoraUse, ...] = ()) -> StableDiffusion:
    """Return the model a user names, from the warm copy where it is still the same."""
    folder = resolve_model(name)
    index = folder / "model_index.json"
    return _warm_model(folder, index.stat().st_mtime_ns if index.is_file() else 0, placement, loras)


def forget_models() -> None:
    """Free the warm model's memory."""
    _warm_model.cache_clear()


def run(job: GenerateJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Draw the job. Images saved before a cancel or a failure stay."""
    started = time.perf_counter()
    if not job.prompts:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is no prompt to draw."))
    placement = place(job.device, job.precision, job.num_threads)
    reporter.stage("loading", 0, 2)
    model = load_model(job.model, placement, job.loras)
    items = plan(job, model)
    for prompt in dict.fromkeys(item.full_prompt(job.style_prefix) for item in items if item.kept):
        if is_cut(model, prompt):
            reporter.notice(
                _("The end of this prompt is not read, it is too long for the model: {prompt}").format(prompt=prompt),
                "warning",
            )
    reporter.stage("drawing", 1, 2)
    out_dir = Path(job.out_dir)
    groups = list(batches(items, job.batch_size))
    steps_before = 0
    steps_in_all = sum(len(group) * group[0][1].settings.num_inference_steps for group in groups)
    with _previews(model, reporter) as previews:
        for group in groups:
            _draw_group(job, model, placement, group, out_dir, reporter, previews, steps_before, steps_in_all)
            steps_before += len(group) * group[0][1].settings.num_inference_steps
    saved = sum(item.kept for item in items)
    return {"images": saved, "out_dir": str(out_dir), "seconds": time.perf_counter() - started}


def _previews(model: StableDiffusion, reporter: Reporter) -> AbstractContextManager[Previews | None]:
    """Return the job's previews, or none where it has no run folder to show them in."""
    if reporter.run_dir is None:
        return nullcontext()
    return closing(Previews(reporter.run_dir / PREVIEWS, reporter, partial(decode, model)))


def _draw_group(
    job: GenerateJob,
    model: StableDiffusion,
    placement: Placement,
    group: list[tuple[int, Item]],
    out_dir: Path,
    reporter: Reporter,
    previews: Previews | None,
    steps_before: int,
    steps_in_all: int,
) -> None:
    settings = group[0][1].settings
    seeds = [item.seed for _number, item in group]

    kept = [place for place, (_number, item) in enumerate(group) if item.kept]
    labels = [(group[place][1].prompt, group[place][1].seed) for place in kept]

    def on_step(done: int, total: int, step: Step) -> None:
        share = settings.num_inference_steps * done / total  # some schedulers call the U-Net more often than asked
        reporter.step(min(steps_in_all, steps_before + round(share * len(group))), steps_in_all)
        if previews:
            previews.show(lambda: step.clean()[kept], labels, done, total)

    drawing = draw_batch(
        model,
        [item.full_prompt(job.style_prefix) for _number, item in group],
        [item.negative_prompt for _number, item in group],
        seeds,
        settings,
        on_step,
    )
    for place_in_batch in kept:
        (number, item), image = group[place_in_batch], drawing.images[place_in_batch]
        record = ImageRecord(
            prompt=item.prompt,
            style_prefix=job.style_prefix,
            negative_prompt=item.negative_prompt,
            seed=item.seed,
            num_inference_steps=settings.num_inference_steps,
            guidance_scale=settings.guidance_scale,
            sampler=settings.sampler or sampler_name(model.scheduler_config, model.rectified_flow),
            width=settings.width,
            height=settings.height,
            model=job.model,
            loras=job.loras,
            device=str(placement.device),
            precision=placement.precision,
            batch_size=len(group),
            batch_index=place_in_batch,
            batch_seeds=tuple(seeds),
            num_threads=placement.num_threads,
            text_s=drawing.text_s,
            denoise_s=drawing.denoise_s,
            decode_s=drawing.decode_s,
            app_version=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        path = free_path(out_dir, number, item)
        save_png(image, path, record)
        seconds = (drawing.text_s + drawing.denoise_s + drawing.decode_s) / len(group)
        reporter.emit(
            ImageSaved(
                path=str(path),
                prompt=item.prompt,
                seed=item.seed,
                width=image.width,
                height=image.height,
                seconds=seconds,
            )
        )


def free_path(folder: Path, number: int, item: Item) -> Path:
    """Return a file name that says number, prompt and seed and is not taken: an older picture is never replaced."""
    slug = re.sub(r"[^\w]+", "-", item.prompt.lower()).strip("-")[:40]
    stem = f"{number:05d}-{slug or 'image'}-{item.seed}"
    path = folder / f"{stem}.png"
    copy = 1
    while path.exists():
        copy += 1
        path = folder / f"{stem}-{copy}.png"
    return path
