"""The forecast of a training on this machine, corrected by what was measured here, in figures and in sentences."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.glance import check_dataset
from sketchdesk.library.devices import knows_bf16, placed
from sketchdesk.library.models.facts import ModelFacts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.judge_facts import training_facts
from sketchdesk.library.training.fitting import fit_to_memory, proposal_lines
from sketchdesk.library.training.forecast import (
    DiskForecast,
    MemoryForecast,
    forecast_disk,
    forecast_memory,
    forecast_time,
    known_step_s,
)
from sketchdesk.library.training.memory import measured_gib
from sketchdesk.library.training.recipes import toml_lines
from sketchdesk.library.training.train_runs import list_trainings
from sketchdesk.library.training.trials import list_trials
from sketchdesk.library.wording.number_words import number
from sketchdesk.library.wording.time_words import time_range_text


class Outlook(Struct, frozen=True, kw_only=True):
    """What to expect of a training."""

    device: str
    precision: str
    memory: MemoryForecast
    measured_gib: float | None
    """What one alike held at its most, None where none was tried."""
    seconds: tuple[float, float] | None
    """Between how long and how long it takes, None where nothing alike has been trained here."""
    step_s: float | None
    """What a step of this very recipe took, None where it was never tried."""
    disk: DiskForecast


class Fitted(Struct, frozen=True, kw_only=True):
    """What would make a training fit."""

    memory_gib: float
    """What it was to fit."""
    fits: bool
    """Whether it does, with these changes or, where there are none, as it is."""
    changes: dict[str, Any]
    """The settings to change, and what to."""
    before: MemoryForecast
    after: MemoryForecast | None
    """None where nothing makes it fit."""
    toml: str
    """The changes as lines of a configuration file."""


def outlook(job: TrainJob) -> Outlook:
    """Return the forecast of a job. Reads the disk: not for the window's thread.

    Raises SketchDeskError as resolve_model and model_facts do.
    """
    facts, exact, device, pictures = _known(job)
    trainings, trials = list_trainings(), list_trials()
    speeds = [*(each.speed for each in trainings if each.speed), *(each.speed for each in trials)]
    peaks = [*(each.peak for each in trainings if each.peak), *(each.peak for each in trials)]
    return Outlook(
        device=device, precision=exact.precision, memory=forecast_memory(exact, facts, device, pictures),
        measured_gib=measured_gib(job, device, peaks), seconds=forecast_time(job, device, speeds),
        step_s=known_step_s(job, device, speeds), disk=forecast_disk(exact, facts, pictures),
    )  # fmt: skip


def fitted(job: TrainJob, memory_gib: float) -> tuple[Fitted, list[str]]:
    """Return what would make a job fit so many GiB of its device, in figures and in sentences.

    Reads the disk and raises as outlook does.
    """
    facts, exact, device, pictures = _known(job)
    found = fit_to_memory(exact, facts, device, memory_gib, pictures, knows_bf16(device))
    before = forecast_memory(exact, facts, device, pictures)
    after = forecast_memory(found, facts, device, pictures) if found else None
    changed = [name for name in job.__struct_fields__ if found and getattr(found, name) != getattr(exact, name)]
    told = Fitted(
        memory_gib=memory_gib, fits=found is not None, changes={name: getattr(found, name) for name in changed},
        before=before, after=after, toml=toml_lines(found, changed) if found else "",
    )  # fmt: skip
    return told, [*proposal_lines(exact, found), _memory_line(after or before)]


def _known(job: TrainJob) -> tuple[ModelFacts, TrainJob, str, int]:
    """Return the model's facts, the job in its exact precision, its device, and how many pictures it trains on."""
    facts = training_facts(job, resolve_model(job.model))
    device, precision = placed(job.device, job.precision)
    pictures = 0
    with suppress(SketchDeskError):  # a set that cannot be read is told when it is trained on
        pictures = check_dataset(job.dataset, job.caption_column, job.image_column, job.captions_file).pictures
    exact = msgspec.structs.replace(job, precision=precision)
    return facts, exact, device, min(pictures, job.max_train_samples or pictures)


def _memory_line(memory: MemoryForecast) -> str:
    return _("Memory: {low}–{high} GiB").format(low=number(memory.low_gib, 1), high=number(memory.high_gib, 1))


def outlook_lines(found: Outlook) -> list[str]:
    """Return a forecast in sentences, a line each."""
    memory, disk = found.memory, found.disk
    lines = [
        _("Running on {place}.").format(place=f"{found.device}, {found.precision}"),
        _memory_line(memory),
        _("Time: {time}").format(time=time_range_text(*found.seconds) if found.seconds else _("not known yet")),
        _("Disk: {size} GiB, of these {checkpoints} GiB for the checkpoints").format(
            size=number(disk.checkpoints_gib + disk.model_gib, 2), checkpoints=number(disk.checkpoints_gib, 2)
        ),
        _("Disk at its most: {peak} GiB, with {caches} GiB of encoded pictures and captions for later runs too").format(
            peak=number(disk.peak_gib, 2), caches=number(disk.caches_gib, 2)
        ),
    ]
    if found.measured_gib is not None:
        text = _("{forecast}; measured {gib} GiB in an earlier run")
        lines[1] = text.format(forecast=lines[1], gib=number(found.measured_gib, 2))
    if found.step_s is not None:
        lines.append(_("A step of this recipe took {seconds} s here.").format(seconds=number(found.step_s, 2)))
    else:
        lines.append(_("This recipe was never tried here; --probe does two steps of it and measures both."))
    return lines
