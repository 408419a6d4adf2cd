"""How a task speaks while it works: events out, cancel and pause in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from sketchdesk.contracts.events import Event, JobEnded, Notice, StageChanged, StepDone
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.events import EventLog


class Cancelled(Exception):  # noqa: N818 - cancelling is no error
    """The person asked for the job to stop; raised from check_cancelled and step."""


class Reporter:
    """The one voice of a job.

    Every event is stamped, appended to run_dir/events.jsonl (one write a line, so that a killed engine loses nothing
    it has said) and handed to `sink`. `cancel` and `set_paused` may be called from any thread.
    """

    def __init__(self, sink: Callable[[Event], None], job_id: str = "", run_dir: Path | None = None) -> None:
        self.job_id = job_id
        self.run_dir = run_dir
        self._sink = sink
        self._lock = threading.Lock()
        self._log = EventLog(run_dir) if run_dir else None
        self._cancelled = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._clock_s = time.monotonic()
        self._already_done = 0

    def emit(self, event: Event) -> None:
        """Fill in job_id and time_s, append to the run's file, hand to the sink. JobEnded closes the file.

        On a full disk the file follows later (EventLog). Raises OSError or SketchDeskError where it cannot be written
        for another reason; the sink has the event even then.
        """
        stamped = msgspec.structs.replace(event, job_id=self.job_id, time_s=time.time())
        fell_behind = False
        with self._lock:
            try:
                if self._log:
                    was_behind = self._log.is_behind
                    self._log.add(stamped)
                    fell_behind = self._log.is_behind and not was_behind
            finally:
                if isinstance(event, JobEnded) and self._log:
                    self._log.close()
                    self._log = None
                self._sink(stamped)
        if fell_behind and not isinstance(event, JobEnded):
            self.notice(
                _("The disk is full: what this job tells is kept in memory until there is room for its log."), "warning"
            )

    def check_cancelled(self) -> None:
        """Raise Cancelled if the job is to stop; wait here while it is paused (the pause does not count in the ETA)."""
        if not self._go.is_set():
            began_s = time.monotonic()
            self._go.wait()
            self._clock_s += time.monotonic() - began_s
        if self._cancelled.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Do nothing for a while, which does not count in the ETA; raises Cancelled at once when the job is to stop."""
        began_s = time.monotonic()
        self._cancelled.wait(seconds)
        self._clock_s += time.monotonic() - began_s
        self.check_cancelled()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the stage began, without those in which it was held or waited."""
        return time.monotonic() - self._clock_s

    def stage(self, name: str, index: int = 0, total: int = 1, already_done: int = 0) -> None:
        """Begin a part of the job and restart the clock; `already_done` steps of it were done by an earlier run."""
        self.emit(StageChanged(stage=name, index=index, total=total))
        self._clock_s = time.monotonic()
        self._already_done = already_done
        self.check_cancelled()

    def step(self, done: int, total: int) -> None:
        """Say that `done` of `total` steps of the stage are done, with rate and time left; then check_cancelled."""
        elapsed_s = self.elapsed_s
        rate_per_s = (done - self._already_done) / elapsed_s if elapsed_s > 0 and done > self._already_done else None
        eta_s = (total - done) / rate_per_s if rate_per_s else None
        self.emit(StepDone(step=done, total=total, eta_s=eta_s, rate_per_s=rate_per_s))
        self.check_cancelled()

    def notice(self, message: str, level: Literal["info", "warning"] = "info") -> None:
        """Tell the person one sentence; the job goes on."""
        self.emit(Notice(message=message, level=level))

    @contextmanager
    def heard_by(self, listener: Callable[[Event], None]) -> Iterator[None]:
        """Hand every event to `listener` too while a block runs: in the thread that emits it, and it must not raise."""
        sink = self._sink

        def both(event: Event) -> None:
            sink(event)
            listener(event)

        self._sink = both
        try:
            yield
        finally:
            self._sink = sink

    def cancel(self) -> None:
        """Make the next check_cancelled raise, paused or not."""
        self._cancelled.set()
        self._go.set()

    def set_paused(self, paused: bool) -> None:
        """Hold the job at its next check_cancelled, or let it go on. A cancelled job cannot be held."""
        if paused:
            self._go.clear()
        if not paused or self._cancelled.is_set():
            self._go.set()
