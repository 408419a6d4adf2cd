"""Run a job in this process, show how it goes, and let Ctrl+C stop it at the next step."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import CANCELED_KIND, ExitCode, of_job
from sketchdesk.cli.progress import Progress
from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.contracts.events import (
    CheckpointSaved,
    DeviceFound,
    Event,
    ImageSaved,
    JobEnded,
    PreviewReady,
    ScoreReady,
)
from sketchdesk.contracts.jobs import Job
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.allocator import keep_memory
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.drawing.unsaved import is_unsaved
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.runs import Run

UNFORESEEN = {ErrorKind.INTERNAL, ErrorKind.ENGINE_MISSING}
"""Failures whose details are worth a person's screen: they hold what to report."""
STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))


@dataclass
class Record:
    """What a job brought forth, gathered from its events: it is there however the job ended."""

    images: list[ImageSaved] = field(default_factory=list)
    unsaved: list[PreviewReady] = field(default_factory=list)
    """Finished pictures of a job that does not keep them."""
    devices: list[DeviceFound] = field(default_factory=list)
    checkpoint: CheckpointSaved | None = None
    scored: int = 0

    def note(self, event: Event) -> None:
        """Remember an event that leaves something behind."""
        match event:
            case ImageSaved():
                self.images.append(event)
            case PreviewReady() if is_unsaved(Path(event.path)):
                self.unsaved.append(event)
            case DeviceFound():
                self.devices.append(event)
            case CheckpointSaved():
                self.checkpoint = event
            case ScoreReady():
                self.scored += 1
            case _:
                pass

    def kept(self) -> str:
        """Return one sentence on what lies on disk although the job did not finish."""
        parts = []
        if self.images:
            text = ngettext("{count} image in {folder}", "{count} images in {folder}", len(self.images))
            parts.append(text.format(count=len(self.images), folder=Path(self.images[-1].path).parent))
        if self.unsaved:
            text = ngettext("{count} image that is not saved", "{count} images that are not saved", len(self.unsaved))
            parts.append(text.format(count=len(self.unsaved)))
        if self.checkpoint:
            text = _("the checkpoint of step {step} in {path}")
            parts.append(text.format(step=self.checkpoint.step, path=self.checkpoint.path))
        if not parts:
            return _("Nothing was kept: no image or checkpoint had been finished.")
        return _("Kept: {things}.").format(things="; ".join(parts))


def follow(
    task: Callable[[Reporter], JobEnded], console: Console, run_dir: Path | None = None
) -> tuple[JobEnded, Record]:
    """Run `task` with a reporter whose events are shown and recorded; return how it ended and what it made.

    The first Ctrl+C (or SIGTERM) asks the task to stop at its next step; the second ends the process at once. What
    libraries print goes to standard error, so that standard output stays the command's answer.
    """
    keep_memory()
    record, progress = Record(), Progress(console)

    def sink(event: Event) -> None:
        record.note(event)
        progress(event)

    reporter = Reporter(sink, job_id=f"cli-{os.getpid()}", run_dir=run_dir)
    with _stoppable(reporter, console), contextlib.redirect_stdout(sys.stderr):
        return task(reporter), record


def follow_run(job: Job, console: Console, lane: str = runs.DEFAULT_LANE) -> tuple[JobEnded, Record]:
    """Do a job as a run of the data folder, so that the window lists it, live and later, like its own; see follow.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE) where the run's folder cannot be made.
    """
    return do_run(runs.create_run(job, lane=lane), console)


def do_run(run: Run, console: Console) -> tuple[JobEnded, Record]:
    """Do a run that is queued, as follow_run does. Raises IllegalTransitionError for any other."""
    from sketchdesk.engine.session import run_job

    job = runs.job_to_send(run)
    runs.start(run, os.getpid())
    ended, record = follow(lambda reporter: run_job(job, reporter), console, run.folder)
    runs.finish(run, ended)
    return ended, record


def tell(ended: JobEnded, record: Record, console: Console, **kept: object) -> ExitCode:
    """Say how an unfinished job ended and what was kept; return the exit status of any job."""
    if ended.state == "canceled":
        console.fail(CANCELED_KIND, _("Canceled."), record.kept(), **kept)
    elif ended.state == "failed":
        if ended.kind in UNFORESEEN:
            console.say(ended.details)
        console.fail(ended.kind or "", ended.message, ended.next_step, **kept)
        if record.images or record.checkpoint:
            console.say(record.kept())
    return of_job(ended)


@contextlib.contextmanager
def _stoppable(reporter: Reporter, console: Console) -> Iterator[None]:
    """Turn the first stop signal into a polite cancel; only the main thread may set handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def ask() -> None:
        reporter.cancel()
        console.say(_("Stopping at the next step; press Ctrl+C again to stop at once."))

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        # A thread, because the interrupted code may hold the very lock that cancelling or printing needs.
        threading.Thread(target=ask, daemon=True).start()

    for number in STOP_SIGNALS:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
