"""A drawing whose engine the system has ended, as it does when memory runs out, goes on with less of it.

The engine itself goes a rung lower where it hears of too little memory; here it has not lived to do so.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
from msgspec import Struct

from sketchdesk.contracts.jobs import GenerateJob, MemorySaving
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import ngettext
from sketchdesk.library.drawing.saving_names import saving_name
from sketchdesk.library.files.atomic import write_json

LOWERED_FILE = "lowered.json"
"""In a run's folder: how the drawing goes on."""
_INTO_MEMORY = ("model_offload", "sequential_offload")
"""These move what a card holds into the memory that the system watches over."""


class Lowered(Struct, frozen=True, kw_only=True):
    """What LOWERED_FILE holds."""

    version: int = 1
    batch_size: int | None
    memory_savings: tuple[MemorySaving, ...]


def as_lowered(job: GenerateJob, folder: Path) -> GenerateJob:
    """Return a job as its run's folder says that it goes on."""
    try:
        found = reader(Lowered).decode((folder / LOWERED_FILE).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError):
        return job
    return msgspec.structs.replace(job, batch_size=found.batch_size, memory_savings=found.memory_savings)


def lower(job: GenerateJob, folder: Path) -> GenerateJob | None:
    """Note in a run's folder that its job, as it ran last, goes on a rung lower, and return it; None from the lowest.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    lowered = _next(job)
    if lowered is not None:
        noted = Lowered(batch_size=lowered.batch_size, memory_savings=lowered.memory_savings)
        write_json(folder / LOWERED_FILE, noted)
    return lowered


def lowered_words(job: GenerateJob) -> str:
    """Return how a lowered job is drawn, for a sentence."""
    one = ngettext("{count} picture at a time", "{count} pictures at a time", 1).format(count=1)
    return "; ".join([one, *map(saving_name, job.memory_savings)])


def _next(job: GenerateJob) -> GenerateJob | None:
    """Return the job with one picture at a time, or, where that is so already, with one more saving that helps."""
    if job.batch_size != 1 and sum(row.count or job.count for row in job.prompts) > 1:
        return msgspec.structs.replace(job, batch_size=1)
    scales = [job.guidance_scale if row.guidance_scale is None else row.guidance_scale for row in job.prompts]
    guided = any(scale is None or scale > 1 for scale in scales)
    useless = {*job.memory_savings, *_INTO_MEMORY, *(() if guided else ("sequential_guidance",))}
    known: tuple[MemorySaving, ...] = get_args(MemorySaving)
    for saving in known:
        if saving not in useless:
            return msgspec.structs.replace(job, batch_size=1, memory_savings=(*job.memory_savings, saving))
    return None
