"""One kind of job followed through the runner: whether it works, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.events import StageChanged, StepDone
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.sentences import progress_text
from sketchdesk.workers.runner import JobRunner

TELL_MS = 100


class Following(QObject):
    """Follows those jobs of the runner that `is_ours` picks; of several the first that has not ended.

    Signals:
        progressed(): How far it is, or whether anything works at all, may have changed; at most ten times a second.
    """

    progressed = Signal()

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runner = runner
        self._stage: StageChanged | None = None
        self._step: StepDone | None = None
        self._wait = QTimer(self, interval=TELL_MS, singleShot=True)
        self._wait.timeout.connect(self.tell)
        runner.stage_changed.connect(self._on_stage)
        runner.step_done.connect(self._on_step)
        runner.job_state_changed.connect(self._on_state)

    def is_ours(self, job_id: str) -> bool:
        """Tell whether a job that is on show is one to follow."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop it at its next step; what is finished stays."""
        if job_id := self._job_id():
            self.runner.cancel(job_id)

    @property
    def is_working(self) -> bool:
        """Whether a job works, or waits for its turn."""
        return bool(self._job_id())

    @property
    def text(self) -> str:
        """How far it is, in words."""
        job_id = self._job_id()
        if not job_id:
            return ""
        is_waiting = self.runner.state(job_id) is RunState.QUEUED
        return _("waits for its turn") if is_waiting else progress_text(self._stage, self._step)

    @property
    def done_of(self) -> tuple[int, int]:
        """How much of how much; (0, 0) while that is not known."""
        return (self._step.step, self._step.total) if self._step else (0, 0)

    def begin_anew(self) -> None:
        """Forget how far an earlier job came."""
        self._stage = self._step = None

    @Slot()
    def tell(self) -> None:
        """Say what is new."""
        self.progressed.emit()

    def tell_soon(self) -> None:
        """Say what is new, together with what comes in the next tenth of a second."""
        if not self._wait.isActive():
            self._wait.start()

    def knows(self, job_id: str) -> bool:
        """Tell whether a job is on show and one to follow."""
        return job_id in self.runner.job_ids() and self.is_ours(job_id)

    def _job_id(self) -> str:
        ids = (each for each in self.runner.job_ids() if self.is_ours(each))
        return next((each for each in ids if self.runner.state(each) in ACTIVE | {RunState.QUEUED}), "")

    @Slot(StageChanged)
    def _on_stage(self, event: StageChanged) -> None:
        if self.knows(event.job_id):
            self._stage, self._step = event, None
            self.tell_soon()

    @Slot(StepDone)
    def _on_step(self, event: StepDone) -> None:
        if self.knows(event.job_id):
            self._step = event
            self.tell_soon()

    @Slot(str, RunState)
    def _on_state(self, job_id: str, _state: RunState) -> None:
        if self.knows(job_id):
            self.tell_soon()
