"""Downloads as the models tab sees them: asked for in a dialog, done by the queue, gone on with where they stopped."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import JobEnded
from sketchdesk.contracts.jobs import ConvertJob, DownloadJob
from sketchdesk.contracts.text import _
from sketchdesk.library.hub.known import model_name
from sketchdesk.library.hub.staging import Unfinished, discard, unfinished_downloads
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.models.download_dialog import DownloadDialog
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner


class Downloads(QObject):
    """Knows which downloads wait to be gone on with: those that no job of this window is at.

    Signals:
        requested(DownloadJob): This should be fetched.
        arrived(str): A model is here, fetched or converted; its name.
        unfinished_found(list): What was begun and not finished.
        message(Message): What came of a wish.
    """

    requested = Signal(object)
    arrived = Signal(str)
    unfinished_found = Signal(object)
    message = Signal(object)

    def __init__(self, runner: JobRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self._runner, self._window = runner, parent
        self._background = Background(self)
        runner.job_ended.connect(self._on_ended)
        runner.job_state_changed.connect(self._on_state)

    @Slot()
    def ask(self) -> None:
        """Ask which model to fetch."""
        for old in self._window.findChildren(DownloadDialog):
            old.close()
        dialog = DownloadDialog(self._window)
        dialog.started.connect(self.requested)
        dialog.open()

    @Slot()
    def look(self) -> None:
        """Look for what was begun and not finished."""
        self._background.do(unfinished_downloads, self._on_found)

    @Slot(str)
    def discard(self, name: str) -> None:
        """Delete what has arrived of a download."""
        self._background.do(partial(discard, name), partial(self._on_discarded, name), self._on_failed)

    def retranslate(self) -> None:
        """Take the language in use, in a dialog that is open."""
        for dialog in self._window.findChildren(DownloadDialog):
            dialog.retranslate()

    def shutdown(self) -> None:
        """Wait for what is under way."""
        self._background.shutdown()

    def _at_work(self) -> set[str]:
        """Return the names of the models that this window's queue fetches, or will."""
        names = set()
        for job_id in self._runner.job_ids():
            job = self._runner.run(job_id).job
            if isinstance(job, DownloadJob) and self._runner.state(job_id) in {*ACTIVE, RunState.QUEUED}:
                with suppress(SketchDeskError):  # a name that cannot be: the job will say so
                    names.add(model_name(job))
        return names

    def _on_found(self, found: list[Unfinished]) -> None:
        at_work = self._at_work()
        self.unfinished_found.emit([one for one in found if one.name not in at_work])

    def _on_discarded(self, name: str, _size_bytes: int) -> None:
        self.message.emit(Message(_("What had arrived of “{name}” is deleted.").format(name=name)))
        self.look()

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self.message.emit(of_error(error))
        self.look()

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        if isinstance(self._runner.run(event.job_id).job, DownloadJob | ConvertJob):
            if event.state == "done":
                self.arrived.emit(str(event.result.get("output") or ""))
            self.look()

    @Slot(str, RunState)
    def _on_state(self, job_id: str, state: RunState) -> None:
        if state in (RunState.QUEUED, RunState.RUNNING) and isinstance(self._runner.run(job_id).job, DownloadJob):
            self.look()
