"""BLIP at work on the captions of one data set, followed through the runner."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.events import CaptionReady
from sketchdesk.contracts.jobs import CaptionJob
from sketchdesk.library.dataset.captions import Edit
from sketchdesk.ui.training.following import Following
from sketchdesk.workers.runner import JobRunner


class CaptionWriting(Following):
    """Starts and stops the job that writes one captions file, and tells what it has written. `follow` says which file.

    What is heard before that waits: a job that began earlier goes on while the set is looked through.

    Signals:
        written(str, dict): A job's id, and key → Edit: captions that are on disk now.
        progressed(): As Following's.
    """

    written = Signal(str, object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(runner, parent)
        self._file = ""
        self._heard: list[CaptionReady] = []
        runner.caption_ready.connect(self._on_caption)

    def follow(self, captions_file: Path) -> None:
        """Follow the jobs that write this file."""
        self._file = str(captions_file)
        self.tell()

    def write(self, job: CaptionJob) -> None:
        """Put the job into the queue. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
        self.begin_anew()
        self.runner.submit(job)
        self.tell()

    def is_ours(self, job_id: str) -> bool:
        """See Following."""
        job = self.runner.run(job_id).job
        return bool(self._file) and isinstance(job, CaptionJob) and job.captions_file == self._file

    @Slot(CaptionReady)
    def _on_caption(self, event: CaptionReady) -> None:
        self._heard.append(event)
        if self._file:
            self.tell_soon()

    @Slot()
    def tell(self) -> None:
        """Say what is written, and that something is new."""
        heard, self._heard = self._heard, []
        changes: dict[str, dict[str, Edit]] = {}
        for event in heard:
            if self.knows(event.job_id):
                changes.setdefault(event.job_id, {})[event.key] = Edit(event.caption, "blip")
        for job_id, edits in changes.items():
            self.written.emit(job_id, edits)
        self.progressed.emit()
