"""A training's numbers handed on to TensorBoard, trackio or Weights & Biases, through accelerate's own trackers.

None of them can stop or slow a training: they work in a thread of their own, and one that fails is told once and then
left out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec

from sketchdesk.contracts.events import Event, MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.reporter import Reporter

PROJECT = "sketchdesk"
FOLDER = "trackers"
"""In the run's folder, where TensorBoard's files lie."""
CLOSE_S = 20.0
"""How long a tracker may take to bring its last numbers home when the training has ended."""


@contextmanager
def tracked(job: TrainJob, reporter: Reporter) -> Iterator[None]:
    """Hand on every number that is logged while a block runs, if the job names a tracker."""
    if not job.tracker:
        yield
        return
    import accelerate.tracking  # noqa: F401 - here, since it takes seconds and the thread is to keep up
    from accelerate import PartialState

    PartialState(cpu=True)  # its logger asks for one; where processes work together there is one, and it stays
    thread = _Thread(job, reporter)
    thread.start()
    with reporter.heard_by(thread.hear):
        try:
            yield
        finally:
            thread.close()


class _Thread(threading.Thread):
    """Where a tracker works; what it is to log waits in a queue."""

    def __init__(self, job: TrainJob, reporter: Reporter) -> None:
        super().__init__(name="tracker", daemon=True)
        self._job, self._reporter = job, reporter
        self._waiting: SimpleQueue[MetricLogged | None] = SimpleQueue()
        self._is_left_out = False

    def hear(self, event: Event) -> None:
        """Take an event; only numbers are handed on."""
        if isinstance(event, MetricLogged) and not self._is_left_out:
            self._waiting.put(event)

    def close(self) -> None:
        """Let it log what waits, and give it up where that takes too long."""
        self._waiting.put(None)
        self.join(CLOSE_S)
        if self.is_alive():
            self._leave_out(_("it does not answer"))

    def run(self) -> None:
        try:
            tracker = _started(self._job)
            while (event := self._waiting.get()) is not None:
                tracker.log(dict(event.values), step=event.step)
            tracker.finish()
        except BaseException as error:  # noqa: BLE001 - a stranger's code: some of it leaves by SystemExit
            self._leave_out(f"{type(error).__name__}: {error}")

    def _leave_out(self, reason: str) -> None:
        if self._is_left_out:
            return
        self._is_left_out = True
        text = _("Nothing more is handed on to “{tracker}”; the training goes on without it: {reason}")
        self._reporter.notice(text.format(tracker=self._job.tracker, reason=reason), "warning")


def _started(job: TrainJob) -> Any:
    """Return accelerate's tracker for the job, with the job's settings; raises what its package raises."""
    from accelerate.tracking import TensorBoardTracker, TrackioTracker, WandBTracker

    out = Path(job.out_dir)
    tracker: Any
    if job.tracker == "tensorboard":
        tracker = TensorBoardTracker(out.name, logging_dir=out / FOLDER)
    elif job.tracker == "wandb":
        tracker = WandBTracker(PROJECT, name=out.name, dir=str(out))
    else:
        tracker = TrackioTracker(PROJECT, name=out.name)
    tracker.start()
    settings = msgspec.to_builtins(job)
    plain = {name: value for name, value in settings.items() if isinstance(value, bool | int | float | str)}
    tracker.store_init_configuration(plain)
    return tracker
