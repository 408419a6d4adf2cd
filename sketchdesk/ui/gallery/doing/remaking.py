"""Jobs of pictures' records: whether these give the same pictures is looked up beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.remake import NO_INSISTENCE, Insistence, jobs_of
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.ui.gallery.catalogue.index_thread import StoppedError
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.background import Background

Then = Callable[[list[GenerateJob]], object]


class Remaking(QObject):
    """Makes jobs of records; where a file is not what it was, the person is asked first. End it with shutdown().

    Signals:
        message(Message): Why there are no jobs, with a button to insist.
    """

    message = Signal(Message)

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._closing = False
        # A checksum of gigabytes takes seconds, in which the gallery's own threads go on.
        self._background = Background(self, threads=1)

    def shutdown(self) -> None:
        """End the thread; what is being read is given up."""
        self._closing = True
        self._background.shutdown()

    def make(self, records: Sequence[ImageRecord], then: Then) -> None:
        """Give the jobs that draw the pictures, to the last bit, to `then`."""
        self._look(list(records), then, NO_INSISTENCE)

    def _look(self, records: list[ImageRecord], then: Then, insisted: Insistence) -> None:
        folder = self._store.value.images_folder
        work = partial(jobs_of, records, folder, insisted, self._check_open)
        self._background.do(work, then, partial(self._on_refused, records, then, insisted))

    def _check_open(self, _bytes: int) -> None:
        if self._closing:
            raise StoppedError

    def _on_refused(self, records: list[ImageRecord], then: Then, insisted: Insistence, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        told = of_error(error)
        match error.kind:
            case ErrorKind.CHANGED:
                label, more = _("Draw all the same"), msgspec.structs.replace(insisted, changed=True)
            case ErrorKind.UNSAFE_WEIGHTS:
                label, more = _("Read it all the same"), msgspec.structs.replace(insisted, allow_pickle=True)
            case _:
                self.message.emit(told)
                return
        self.message.emit(
            Message(
                told.text, told.next_step, told.details, "warning", action_text=label,
                action=partial(self._look, records, then, more),
            )
        )  # fmt: skip
