"""What trials of trainings measured: with finished trainings, what forecasts of those alike are corrected by.

And what a trial whose engine was killed left behind: the folder of what it trained, inside its run's.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from contextlib import suppress

from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import Event, JobStarted
from sketchdesk.contracts.jobs import TrainJob, TrialJob
from sketchdesk.contracts.text import _
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.paths import runs_dir
from sketchdesk.library.runs.events import last_end, read_events
from sketchdesk.library.runs.runs import list_runs, read_run, status_of
from sketchdesk.library.runs.state import ACTIVE, RunState, is_alive
from sketchdesk.library.training.forecast import Speed
from sketchdesk.library.training.memory import MemoryPeak
from sketchdesk.library.wording.number_words import number

PREFIX = "trial-"
"""Of the folder a trial trains in, inside its run's; a trial that ends deletes it itself."""

log = logging.getLogger(__name__)


class Trial(Struct, frozen=True, kw_only=True):
    """One trial that came to its end."""

    peak: MemoryPeak
    speed: Speed


def list_trials() -> list[Trial]:
    """Return every trial of the data folder that measured something. Reads the disk: not for the window's thread."""
    found = []
    for run in list_runs({RunState.DONE}):
        if isinstance(run.job, TrialJob) and (trial := trial_in(run.job.training, read_events(run.folder)[0])):
            found.append(trial)
    return found


def drop_left() -> None:
    """Delete what trials left whose engines were killed; one that still runs is let alone. Reads the disk.

    A folder that cannot be deleted now is tried again the next time.
    """
    for folder in runs_dir().glob(f"*/{PREFIX}*/"):
        with suppress(SketchDeskError):  # no run, or one that cannot be read: not ours to delete
            run = read_run(folder.parent)
            status = status_of(run)
            if isinstance(run.job, TrialJob) and not (status.state in ACTIVE and is_alive(status)):
                shutil.rmtree(folder, ignore_errors=True)
                log.info("what a trial had left was deleted: %s", folder)


def trial_in(job: TrainJob, events: list[Event]) -> Trial | None:
    """Return what a trial of a training measured by its events, None where they do not say it all."""
    started = next((event for event in events if isinstance(event, JobStarted)), None)
    ended = last_end(events)
    result = ended.result if ended else {}
    gib, rate = result.get("memory_gib"), result.get("images_per_s")
    if not started or not started.device:
        return None
    if not isinstance(gib, int | float) or not isinstance(rate, int | float) or rate <= 0:
        return None
    speed = Speed(
        model=job.model, device=started.device, resolution=job.resolution,
        gradient_checkpointing=job.gradient_checkpointing, images_per_s=float(rate), job=job,
        threads=Threads(asked=job.num_threads, used=started.num_threads),
    )  # fmt: skip
    return Trial(peak=MemoryPeak(job=job, device=started.device, gib=float(gib)), speed=speed)


def trial_text(result: Mapping[str, str | int | float | None]) -> str:
    """Return what a trial measured, by its result, beside what was forecast."""
    gib, forecast, step_s = (result.get(name) for name in ("memory_gib", "memory_forecast_gib", "step_s"))
    parts = []
    if isinstance(step_s, int | float):
        parts.append(_("A step takes {seconds} s.").format(seconds=number(step_s, 2)))
    if isinstance(gib, int | float) and isinstance(forecast, int | float):
        text = _("Memory at its most: {measured} GiB; the forecast was {forecast} GiB.")
        parts.append(text.format(measured=number(gib, 2), forecast=number(forecast, 2)))
    elif isinstance(gib, int | float):
        parts.append(_("Memory at its most: {measured} GiB.").format(measured=number(gib, 2)))
    return " ".join(parts)
