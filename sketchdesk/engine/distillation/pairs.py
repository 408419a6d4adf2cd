"""Drawing the pairs a student learns from: what the teacher makes of given noise, in bulk, gone on with if stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob, Sampler
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.draw import DrawSettings, draw_latents, no_picture, settings_for
from sketchdesk.engine.generate import forget_models, load_model
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.plan import check_sampler
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.sampling.denoise import draw_noise, generators_for
from sketchdesk.engine.sampling.samplers import sampler_name
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.library.distillation.pair_plan import captions_of, pairs_folder, planned_pairs
from sketchdesk.library.distillation.pairs import Pair, PairSet, Teacher, begin, open_pairs, write_shard
from sketchdesk.library.models.adapter_files import lora_file, lora_hash
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.notes import model_hash
from sketchdesk.library.models.samplers import display_name

SHARD_PAIRS = 64
"""Pairs in a file; at most so many are lost when the program is killed."""
RANDOM: tuple[Sampler, ...] = ("ddpm", "euler_a", "dpmpp_sde", "lcm")
"""Samplers that add noise on their way: what they draw is no function of what they begin with."""
USUAL: Sampler = "dpmpp_2m"
"""What draws pairs where the model's own sampler cannot."""


def draw_pairs(
    job: DistillJob, reporter: Reporter, ranks: Ranks | None = None, stage: tuple[int, int] = (0, 1),
    portions: Portions | None = None,
) -> PairSet:  # fmt: skip
    """Return the job's pairs; those that are not on disk yet are drawn first, each process its share.

    `stage` is (which, of how many) of the job's stages this is, `portions` how many are drawn at once. Raises
    SketchDeskError: BAD_INPUT where the folder's pairs were drawn otherwise, where there is nothing to draw, or for a
    sampler that adds noise; as load_model does; DISK_FULL, NOT_WRITABLE. On cancel what was drawn is kept.
    """
    ranks = ranks or Ranks()
    placement = place(job.device, job.precision, job.num_threads)
    wanted = planned_pairs(job, captions_of(job))
    folder = pairs_folder(job)
    model = load_model(job.model, placement, job.loras)
    settings = pair_settings(job, model)
    with ranks.first_alone():
        begin(folder, _teacher(job, model, settings))
        there = open_pairs(folder, wanted, verified=True)
    missing = _missing(wanted, there)
    reporter.stage("pairs", *stage, already_done=len(wanted) - len(missing))
    if missing:
        portions = portions or Portions(job.pairs_batch_size, reporter)
        counts = (len(wanted), len(missing), ranks.count)
        drawer = _Drawer(portions, model, settings, placement, folder, reporter, counts)
        drawer.draw(missing[ranks.number :: ranks.count])
    del model
    forget_models()
    ranks.wait()
    found = open_pairs(folder, wanted)
    if ranks.is_first:
        found.write_table()
    return found


def _missing(wanted: Sequence[Pair], there: PairSet) -> list[Pair]:
    known = {(pair.caption, pair.seed) for pair in there.pairs}
    return [pair for pair in wanted if (pair.caption, pair.seed) not in known]


def pair_settings(job: DistillJob, model: StableDiffusion) -> DrawSettings:
    """Return how the teacher draws pairs, and what is shown beside a student: without noise on the way.

    Raises SketchDeskError(BAD_INPUT) for a sampler that adds some, and as check_sampler and settings_for do.
    """
    side = job.resolution or model.sample_size_px
    guidance = model.defaults.guidance_scale if job.guidance_scale is None else job.guidance_scale
    sampler = job.sampler
    check_sampler(sampler, model)
    if sampler in RANDOM:
        text = _("{sampler} adds noise on its way, so its pictures are no pairs; choose {usual} or another.")
        names = {"sampler": display_name(str(sampler)), "usual": display_name(USUAL)}
        raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(**names))
    if sampler is None and _adds_noise(model):
        sampler = USUAL
    return settings_for(model, DrawSettings(job.num_inference_steps, guidance, sampler, side, side))


def _adds_noise(model: StableDiffusion) -> bool:
    """Tell whether the model's own sampler is one that adds noise, or one we know nothing of."""
    own = sampler_name(model.scheduler_config, model.rectified_flow)
    random = str(model.scheduler_config.get("algorithm_type", "")).startswith("sde")
    return own in RANDOM or own not in get_args(Sampler) or random


def _teacher(job: DistillJob, model: StableDiffusion, settings: DrawSettings) -> Teacher:
    cell, channels = model.vae_scale_factor, int(model.vae.config.latent_channels)
    return Teacher(
        model=job.model,
        model_hash=model_hash(resolve_model(job.model)),
        loras=job.loras,
        lora_hashes=tuple(lora_hash(lora_file(lora.path)) for lora in job.loras),
        sampler=settings.sampler or sampler_name(model.scheduler_config, model.rectified_flow),
        num_inference_steps=settings.num_inference_steps,
        guidance_scale=settings.guidance_scale,
        width=settings.width,
        height=settings.height,
        shape=(channels, settings.height // cell, settings.width // cell),
    )


class _Drawer:
    """Draws pairs in portions and writes them in shards."""

    def __init__(
        self,
        portions: Portions,
        model: StableDiffusion,
        settings: DrawSettings,
        placement: Placement,
        folder: Path,
        reporter: Reporter,
        counts: tuple[int, int, int],
    ) -> None:
        self._model, self._settings, self._precision = model, settings, placement.precision
        self._folder, self._reporter = folder, reporter
        self._wanted, self._missing, self._together = counts
        self._portions = portions
        self._pairs: list[Pair] = []
        self._noise: list[np.ndarray] = []
        self._latents: list[np.ndarray] = []

    def draw(self, pairs: Sequence[Pair]) -> None:
        """Draw them all. What was drawn before an error or a cancel is written."""
        done = 0
        try:
            for portion, latents in self._portions.of(pairs, self._latents_of):
                self._keep(portion, latents)
                done = min(self._missing, done + len(portion) * self._together)
                if len(self._pairs) >= SHARD_PAIRS:
                    self._write()
                self._reporter.step(self._wanted - self._missing + done, self._wanted)
            self._write()
        except (Cancelled, SketchDeskError, KeyboardInterrupt):
            self._write()
            raise

    def _latents_of(self, pairs: Sequence[Pair]) -> Tensor:
        captions, seeds = [pair.caption for pair in pairs], [pair.seed for pair in pairs]
        drawn = draw_latents(self._model, captions, [""] * len(pairs), seeds, self._settings)
        return drawn.latents.float().cpu()

    def _keep(self, pairs: Sequence[Pair], latents: Tensor) -> None:
        if not torch.isfinite(latents).all() or latents.abs().max() > torch.finfo(torch.float16).max:
            raise no_picture()
        shape = (latents.shape[1], latents.shape[2], latents.shape[3])
        noise = draw_noise(generators_for([pair.seed for pair in pairs]), shape)
        self._pairs += pairs
        self._noise.append(noise.numpy())
        self._latents.append(latents.numpy())

    def _write(self) -> None:
        if self._pairs:
            write_shard(
                self._folder, self._pairs, np.concatenate(self._noise), np.concatenate(self._latents), self._precision
            )
        self._pairs, self._noise, self._latents = [], [], []
