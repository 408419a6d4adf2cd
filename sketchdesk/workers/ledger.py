"""What becomes of runs, noted in their folders without the window waiting for the disk."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import JobEnded, Notice
from sketchdesk.contracts.jobs import Job
from sketchdesk.library.files.atomic import sync, synced_later
from sketchdesk.library.runs import queue, runs
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import IllegalTransitionError, RunState
from sketchdesk.workers.background import Background

log = logging.getLogger(__name__)


class Ledger(QObject):
    """Writes files whole, at once; a thread then has them brought to the disk itself, which may take its time.

    When a method returns, the file is there for every process, also if this one is killed the next moment.

    Signals:
        refused(Notice): The disk did not take something; the person should know, and the queue goes on.
    """

    refused = Signal(Notice)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self, threads=1)
        self._unsynced: dict[Path, None] = {}
        """What the thread has not been given yet."""
        self._syncing: list[Path] = []
        """What it was given and is not done with."""

    def create(self, job: Job, title: str, lane: str) -> Run:
        """Make a run's folder. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
        with synced_later() as paths:
            run = runs.create_run(job, title, lane)
        self._sync_soon(paths)
        return run

    def start(self, run: Run) -> None:
        """Note that a run is at work. Our own process stands for it: where the window lives its engine does."""
        self._note(run.id, partial(runs.start, run, os.getpid()))

    def move(self, run: Run, state: RunState) -> None:
        """Note where a run stands."""
        self._note(run.id, partial(runs.move, run, state))

    def finish(self, run: Run, ended: JobEnded) -> None:
        """Note how a run ended."""
        self._note(run.id, partial(runs.finish, run, ended))

    def beat(self, run: Run) -> None:
        """Note that a run is alive."""
        self._note(run.id, partial(runs.beat, run))

    def save_order(self, lanes: queue.Lanes, job_id: str) -> None:
        """Note in which order the waiting jobs will run; `job_id` is the one that was moved."""
        self._note(job_id, partial(queue.save_queue, lanes))

    def close(self) -> None:
        """Bring what is left to the disk, now, and end the thread."""
        self._background.shutdown()
        try:
            sync([*self._syncing, *self._unsynced])  # the thread may not have begun with what it was given
        except (SketchDeskError, OSError) as error:
            self._on_failed(error)

    def _note(self, job_id: str, write: Callable[[], object]) -> None:
        try:
            with synced_later() as paths:
                write()
        except SketchDeskError as error:
            log.warning("%s: %s", job_id, error.message)
            self.refused.emit(Notice(job_id=job_id, message=error.message, level="warning"))
        except (OSError, IllegalTransitionError):
            # Somebody else has changed or deleted the run's files; what this window knows stands.
            log.exception("the state of %s could not be written down", job_id)
        self._sync_soon(paths)

    def _sync_soon(self, paths: list[Path]) -> None:
        """Have the thread sync these, together with others that come while it is at it."""
        self._unsynced |= dict.fromkeys(paths)
        if not self._syncing and self._unsynced:
            self._syncing, self._unsynced = list(self._unsynced), {}
            self._background.do(partial(sync, self._syncing), self._on_synced, self._on_failed)

    def _on_synced(self, _nothing: object) -> None:
        self._syncing = []
        self._sync_soon([])

    def _on_failed(self, error: Exception) -> None:
        log.warning("what became of runs may not be on the disk itself: %s", error)
        if isinstance(error, SketchDeskError):
            self.refused.emit(Notice(message=error.message, level="warning"))
        self._on_synced(None)
