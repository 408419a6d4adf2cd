"""What an earlier window left - interrupted jobs, pictures not kept - is taken up, told, and shown on wish."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from sketchdesk.library.runs.leftovers import Leftovers
from sketchdesk.library.runs.runs import Run
from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.message import Message
from sketchdesk.ui.queue.queue_view import QueueView
from sketchdesk.ui.shell.ends import interrupted_message, unsaved_message
from sketchdesk.ui.shell.frame import GALLERY, Frame
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner


class LeftDesk(QObject):
    """Looks once, in a thread.

    Signals:
        message(Message): What there is, with the way to it.
    """

    message = Signal(Message)

    def __init__(self, runner: JobRunner, frame: Frame, gallery: GalleryTab, queue: QueueView) -> None:
        super().__init__(frame)
        self._runner, self._frame, self._gallery, self._queue = runner, frame, gallery, queue

    def look(self, background: Background, find: Callable[[], Leftovers]) -> None:
        """Look with `find` what there is, and take it up."""
        background.do(find, self._on_left)

    def _on_left(self, left: Leftovers) -> None:
        interrupted = self._runner.reconcile(left)
        if left.unsaved:
            self.message.emit(unsaved_message(left.unsaved, self._show_unsaved))
        if interrupted:
            self.message.emit(interrupted_message(interrupted, self._show_interrupted))

    def _show_unsaved(self) -> None:
        self._frame.show_page(GALLERY)
        self._gallery.chosen.keeping.show_only()

    def _show_interrupted(self, run: Run) -> None:
        self._frame.show_queue(True)
        self._queue.select(run.id)
