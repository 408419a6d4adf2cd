"""What a distillation will need, before it starts: pairs, time, disk and memory. Sizes are GiB (2^30 bytes)."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.dataset.glance import DEMO_COUNT, place_of
from sketchdesk.library.devices import placed
from sketchdesk.library.distillation.likeness_work import likeness_passes
from sketchdesk.library.distillation.memory import memory_needs
from sketchdesk.library.distillation.pair_plan import captions_of, pairs_folder, planned_pairs
from sketchdesk.library.distillation.pairs import open_pairs
from sketchdesk.library.distillation.settings import as_training, phases_of
from sketchdesk.library.distillation.time import Basis, Range, Reckoner, past_speeds
from sketchdesk.library.drawing import forecast as forecast_draw
from sketchdesk.library.images.metadata import ImageRecord
from sketchdesk.library.models.draw_facts import draw_facts
from sketchdesk.library.models.facts import ModelFacts, model_facts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.training.forecast import GIB, forecast_disk
from sketchdesk.library.training.train_runs import list_trainings
from sketchdesk.library.training.trials import list_trials
from sketchdesk.library.wording.number_words import number

BYTES_A_NUMBER = 6
"""Of a pair: noise in fp32 and latents in fp16."""
HOUR_S = 3600


class DistillForecast(Struct, frozen=True, kw_only=True):
    """What to expect of a distillation."""

    pairs: int
    """In all, held-out ones included."""
    pairs_missing: int
    """To be drawn yet."""
    pairs_s: Range | None
    """Between how many seconds the drawing takes; None where nothing is known of the model on this device."""
    pairs_basis: Basis
    training_s: Range | None
    training_basis: Basis
    phases: dict[str, int]
    """Phase → optimiser steps."""
    pairs_gib: float
    """What the pairs take on disk, those that are there included."""
    disk_gib: float
    """What everything takes at most: pairs, checkpoints and the model."""
    memory_gib: Range
    memory_likely_gib: float = 0.0
    """What is likeliest within that; to be compared with what was measured."""


def forecast(known: Reckoner, facts: ModelFacts, missing: int, captions: int) -> DistillForecast:
    """Return what a job needs where `missing` pairs, of so many different captions, are not drawn yet."""
    job, side = known.job, known.side
    pairs = job.num_pairs + job.num_held_out_pairs
    pairs_gib = pairs * facts.latent_channels * (side // facts.cell_px) ** 2 * BYTES_A_NUMBER / GIB
    pairs_s, pairs_basis = known.pairs(missing)
    training_s, training_basis = known.training()
    needs = memory_needs(known, facts, captions)
    return DistillForecast(
        pairs=pairs, pairs_missing=missing, pairs_s=pairs_s, pairs_basis=pairs_basis, training_s=training_s,
        training_basis=training_basis, phases=phases_of(job), pairs_gib=pairs_gib,
        disk_gib=pairs_gib + forecast_disk(as_training(job, side), facts).peak_gib,
        memory_gib=(needs.low, needs.high), memory_likely_gib=needs.likely,
    )  # fmt: skip


def forecast_here(job: DistillJob) -> DistillForecast:
    """Return the forecast of a job on this machine. Reads the disk: not for the window's thread.

    Raises SketchDeskError: as resolve_model does, BAD_INPUT where there is nothing to draw pairs of.
    """
    path = resolve_model(job.model)
    facts, captions = model_facts(path), _captions(job)
    wanted = planned_pairs(job, captions)
    there, records = 0, list[ImageRecord]()
    with suppress(SketchDeskError):
        there = len(open_pairs(pairs_folder(job), wanted))
    with suppress(SketchDeskError):
        records = forecast_draw.past_records(job.model)
    device, precision = placed(job.device, job.precision)
    known = Reckoner(
        job, draw_facts(path), device, precision, job.resolution or facts.sample_size_px, records, list(past_speeds()),
        [*(run.speed for run in list_trainings() if run.speed), *(trial.speed for trial in list_trials())],
        likeness_passes(job, facts, job.resolution or facts.sample_size_px),
    )  # fmt: skip
    return forecast(known, facts, len(wanted) - there, len(captions))


def forecast_lines(found: DistillForecast) -> list[str]:
    """Return a forecast in sentences, a line each."""
    count = ngettext("{count} pair", "{count} pairs", found.pairs).format(count=found.pairs)
    lines = [
        _("Pairs: {count}, {missing} to be drawn").format(count=count, missing=found.pairs_missing),
        _("Drawing them: {time}").format(time=_time(found.pairs_s)),
        _("Training: {time}").format(time=_time(found.training_s)),
        _("Disk: {size} GiB, of these {pairs} GiB for the pairs").format(
            size=number(found.disk_gib, 2), pairs=number(found.pairs_gib, 2)
        ),
        _("Memory: {low}–{high} GiB, likely {likely} GiB").format(
            low=number(found.memory_gib[0], 1), high=number(found.memory_gib[1], 1),
            likely=number(found.memory_likely_gib, 1),
        ),
    ]
    if "drawing" in (found.pairs_basis, found.training_basis) or found.training_basis == "training":
        lines.append(_("The times are reckoned from other work of this model here; a first run tells them better."))
    return lines


def _captions(job: DistillJob) -> list[str]:
    """Return a job's captions; of a demo's data set that is not drawn yet only their number is right."""
    place = place_of(job.dataset)
    if place is None:
        return [*job.prompts, *(f"{job.dataset} {number}" for number in range(DEMO_COUNT))]
    return captions_of(msgspec.structs.replace(job, dataset=place))


def _time(seconds: Range | None) -> str:
    if seconds is None:
        return _("not known before this model has drawn or trained here")
    low, high = seconds
    if high < HOUR_S:
        return _("{low}–{high} min").format(low=number(low / 60, 1), high=number(high / 60, 1))
    return _("{low}–{high} h").format(low=number(low / HOUR_S, 1), high=number(high / HOUR_S, 1))
