"""Knows which trainings there are and where they stand, by looking at the disk in a thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.train_runs import Training, list_trainings, read_training
from sketchdesk.library.training.trials import Trial, list_trials
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

SOON_MS = 50
ACTIVE_MS = 1000
ALL_MS = 15_000
"""Runs that others began, on the command line or on a machine that shares the folder, are found within this."""


class RunWatch(QObject):
    """Looks at all trainings when the runner says that something changed, and at those at work every second.

    Signals:
        listed(list): All trainings (list[Training]), the newest first.
        tried(list): All trials (list[Trial]); told before `listed`.
        updated(Training): One that works is further on.
    """

    listed = Signal(object)
    tried = Signal(object)
    updated = Signal(object)

    def __init__(self, runner: JobRunner, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._active: list[Run] = []
        self._is_looking = self._looks_again = False
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._look)
        self._often = QTimer(self, interval=ACTIVE_MS)
        self._often.timeout.connect(self._look_at_active)
        self._seldom = QTimer(self, interval=ALL_MS)
        self._seldom.timeout.connect(self._look)
        runner.job_added.connect(self._on_job)
        runner.job_state_changed.connect(self._on_state)

    def set_awake(self, is_awake: bool) -> None:
        """Look while somebody does; asleep, nothing is read."""
        for timer in (self._often, self._seldom):
            timer.start() if is_awake else timer.stop()
        if is_awake:
            self._soon.start()
        else:
            self._soon.stop()

    @Slot(str)
    def _on_job(self, _job_id: str) -> None:
        self._soon_if_awake()

    @Slot(str, RunState)
    def _on_state(self, _job_id: str, _state: RunState) -> None:
        self._soon_if_awake()

    def _soon_if_awake(self) -> None:
        if self._seldom.isActive():
            self._soon.start()

    @Slot()
    def _look(self) -> None:
        if self._is_looking:
            self._looks_again = True
            return
        self._is_looking = True
        self._background.do(_all, self._on_listed, self._on_failed)

    def _on_listed(self, found: tuple[list[Training], list[Trial]]) -> None:
        trainings, trials = found
        self._is_looking = False
        self.tried.emit(trials)
        self._active = [training.run for training in trainings if training.is_active]
        self.listed.emit(trainings)
        if self._looks_again:
            self._looks_again = False
            self._look()

    def _on_failed(self, error: Exception) -> None:
        """Wait for the next look: a data folder that cannot be read now may be back then."""
        self._is_looking = self._looks_again = False
        if not isinstance(error, OSError):
            raise error

    @Slot()
    def _look_at_active(self) -> None:
        for run in self._active:
            self._background.do(partial(read_training, run), self.updated.emit, self._on_failed)


def _all() -> tuple[list[Training], list[Trial]]:
    return list_trainings(), list_trials()
