"""A download as a job like any other: the library fetches, this tells how far it is. No torch in here."""

from __future__ import annotations

import time
from collections import deque

from sketchdesk.contracts.events import StepDone
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.hub.fetch import fetch_model

TELL_S = 0.25
"""How often bytes are told of; every event is kept in the run's file."""
WINDOW_S = 8.0
"""How far back the speed looks: a network's yesterday says little of its tomorrow."""


def run(job: DownloadJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Fetch the model and return where it is. Raises SketchDeskError, Cancelled."""
    got = fetch_model(job, Teller(reporter))
    return {"output": str(got.path), "repo": got.repo, "commit": got.commit, "bytes": got.size_bytes}


class Teller:
    """The Listener of a download: bytes become StepDone events with the speed of the last seconds and the time left."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._told_s = float("-inf")
        self._marks: deque[tuple[float, int]] = deque()

    def stage(self, name: str, index: int = 0, total: int = 1) -> None:
        """Begin a part of the download."""
        self._marks.clear()
        self._told_s = float("-inf")
        self._reporter.stage(name, index, total)

    def bytes_done(self, done: int, total: int) -> None:
        """Tell how far the stage is, now and then; raises Cancelled, and waits while the job is paused."""
        now_s = time.monotonic()
        if now_s - self._told_s >= TELL_S or done >= total:
            self._told_s = now_s
            self._marks.append((now_s, done))
            while now_s - self._marks[0][0] > WINDOW_S:
                self._marks.popleft()
            rate = self._bytes_per_s()
            eta_s = (total - done) / rate if rate else None
            self._reporter.emit(StepDone(step=done, total=total, eta_s=eta_s, rate_per_s=rate, unit="byte"))
        self.check()

    def notice(self, message: str) -> None:
        """Tell the person one sentence; the download goes on."""
        self._reporter.notice(message)

    def check(self) -> None:
        """Raise Cancelled if the download is to stop; wait here while it is paused."""
        began_s = time.monotonic()
        self._reporter.check_cancelled()
        if time.monotonic() - began_s > TELL_S:  # a pause is no slowness
            self._marks.clear()

    def _bytes_per_s(self) -> float | None:
        (first_s, first), (last_s, last) = self._marks[0], self._marks[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s and last > first else None
