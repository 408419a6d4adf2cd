"""Where the panels' wishes become jobs: handed to the runner, refusals told, nothing typed lost."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import (
    ConvertJob,
    DistillJob,
    DownloadJob,
    EvaluateJob,
    GenerateJob,
    Job,
    StudyJob,
    TrainJob,
)
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.runs import Run
from sketchdesk.ui.message import Message, of_error
from sketchdesk.workers.runner import JobRunner


class JobDesk(QObject):
    """Submits jobs; panels reach it through the main window's connections.

    Signals:
        accepted(str): A job was submitted; its id.
        message(Message): A job could not be submitted, and why.
    """

    accepted = Signal(str)
    message = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner

    @Slot(object)
    def draw_now(self, jobs: list[GenerateJob]) -> None:
        """Draw these before everything else that waits, in their order."""
        for place, job in enumerate(jobs):
            job_id = self._submit(job)
            if job_id is None:
                return
            self._runner.move(job_id, place)

    @Slot(object)
    def draw_later(self, jobs: list[GenerateJob]) -> None:
        """Draw these after what waits already."""
        for job in jobs:
            if self._submit(job) is None:
                return

    @Slot(object, str)
    def train(self, job: TrainJob | DistillJob, title: str) -> None:
        """Train, or make few-step, after what waits already."""
        self._submit(job, title)

    @Slot(object)
    def study(self, job: StudyJob | EvaluateJob) -> None:
        """Make a study, or score a folder, after what waits already."""
        self._submit(job)

    @Slot(object)
    def download(self, job: DownloadJob) -> None:
        """Fetch a model, beside whatever else is at work."""
        self._submit(job)

    @Slot(object)
    def convert(self, job: ConvertJob) -> None:
        """Convert a weight file after what waits already."""
        self._submit(job)

    @Slot(object)
    def resume(self, run: Run) -> None:
        """Go on with a run that was stopped, failed or interrupted."""
        if self._runner.take_up(run):
            self.accepted.emit(run.id)
        else:
            text = _("“{title}” cannot be resumed: it is done, or at work already.").format(title=run.title)
            self.message.emit(Message(text, level="warning"))

    def _submit(self, job: Job, title: str = "") -> str | None:
        try:
            job_id = self._runner.submit(job, title)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
            return None
        self.accepted.emit(job_id)
        return job_id
