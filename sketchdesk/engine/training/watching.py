"""Drawing the prompts that a training is watched by, with the model as it is."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk.engine.draw import Drawing, DrawSettings, draw_batch
from sketchdesk.engine.training.loop import Trainer


def draw_watched(trainer: Trainer, resolution: int, steps: int | None = None) -> tuple[Drawing, Sequence[int]]:
    """Draw the job's prompts in pictures of `resolution` pixels a side, with the averaged weights; return their seeds.

    In so many denoising steps, the model's own unless given. Raises as draw_batch does.
    """
    model, job = trainer.model, trainer.job
    prompts = job.validation_prompts
    settings = DrawSettings(
        num_inference_steps=steps or model.defaults.num_inference_steps,
        guidance_scale=model.defaults.guidance_scale,
        sampler=None,
        width=resolution,
        height=resolution,
    )
    seeds = [job.seed + n for n in range(len(prompts))]
    with trainer.evaluating():
        return draw_batch(model, prompts, [""] * len(prompts), seeds, settings), seeds
