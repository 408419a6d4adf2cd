"""BLIP at work on the captions of one data set, followed through the runner."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.events import CaptionReady, StageChanged, StepDone
from sketchdesk.contracts.jobs import CaptionJob
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.captions import Edit
from sketchdesk.library.run_state import ACTIVE, RunState
from sketchdesk.ui.sentences import progress_text
from sketchdesk.workers.runner import JobRunner

TELL_MS = 100


class CaptionWriting(QObject):
    """Starts and stops the job that writes one captions file, and tells what it has written. `follow` says which file.

    What is heard before that waits: a job that began earlier goes on while the set is looked through.

    Signals:
        written(str, dict): A job's id, and key → Edit: captions that are on disk now.
        progressed(): How far it is, or whether anything works at all, may have changed.
    """

    written = Signal(str, object)
    progressed = Signal()

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._file = ""
        self._heard: list[CaptionReady] = []
        self._stage: StageChanged | None = None
        self._step: StepDone | None = None
        self._wait = QTimer(self, interval=TELL_MS, singleShot=True)
        self._wait.timeout.connect(self._tell)
        runner.caption_ready.connect(self._on_caption)
        runner.stage_changed.connect(self._on_stage)
        runner.step_done.connect(self._on_step)
        runner.job_state_changed.connect(self._on_state)

    def follow(self, captions_file: Path) -> None:
        """Follow the jobs that write this file."""
        self._file = str(captions_file)
        self._tell()

    def write(self, job: CaptionJob) -> None:
        """Put the job into the queue. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
        self._stage = self._step = None
        self._runner.submit(job)
        self._tell()

    def stop(self) -> None:
        """Stop it at the next batch; what is written stays."""
        if job_id := self._job_id():
            self._runner.cancel(job_id)

    @property
    def is_working(self) -> bool:
        """Whether a job writes, or waits for its turn."""
        return bool(self._job_id())

    @property
    def text(self) -> str:
        """How far it is, in words."""
        job_id = self._job_id()
        if not job_id:
            return ""
        is_waiting = self._runner.state(job_id) is RunState.QUEUED
        return _("waits for its turn") if is_waiting else progress_text(self._stage, self._step)

    @property
    def done_of(self) -> tuple[int, int]:
        """How many pictures of how many; (0, 0) while that is not known."""
        return (self._step.step, self._step.total) if self._step else (0, 0)

    def _job_id(self) -> str:
        ids = (each for each in self._runner.job_ids() if self._is_ours(each))
        return next((each for each in ids if self._runner.state(each) in ACTIVE | {RunState.QUEUED}), "")

    def _is_ours(self, job_id: str) -> bool:
        if not self._file or job_id not in self._runner.job_ids():
            return False
        job = self._runner.run(job_id).job
        return isinstance(job, CaptionJob) and job.captions_file == self._file

    @Slot(CaptionReady)
    def _on_caption(self, event: CaptionReady) -> None:
        self._heard.append(event)
        self._tell_soon()

    @Slot(StageChanged)
    def _on_stage(self, event: StageChanged) -> None:
        if self._is_ours(event.job_id):
            self._stage, self._step = event, None
            self._tell_soon()

    @Slot(StepDone)
    def _on_step(self, event: StepDone) -> None:
        if self._is_ours(event.job_id):
            self._step = event
            self._tell_soon()

    @Slot(str, RunState)
    def _on_state(self, job_id: str, _state: RunState) -> None:
        if self._is_ours(job_id):
            self._tell_soon()

    def _tell_soon(self) -> None:
        if self._file and not self._wait.isActive():
            self._wait.start()

    @Slot()
    def _tell(self) -> None:
        heard, self._heard = self._heard, []
        changes: dict[str, dict[str, Edit]] = {}
        for event in heard:
            if self._is_ours(event.job_id):
                changes.setdefault(event.job_id, {})[event.key] = Edit(event.caption, "blip")
        for job_id, edits in changes.items():
            self.written.emit(job_id, edits)
        self.progressed.emit()
