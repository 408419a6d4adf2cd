"""Pictures drawn again: whether that gives the same ones is looked up beside the window's thread, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.drawing.remake import NO_INSISTENCE, Insistence, jobs_of
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.index_thread import StoppedError
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.background import Background


class DrawingAgain(QObject):
    """Makes jobs of pictures; where a file is not what it was, the person is asked first. End it with shutdown().

    Signals:
        draw_wished(list[GenerateJob]): To be drawn now.
        message(Message): What is drawn beside, or why nothing is, with a button to insist.
    """

    draw_wished = Signal(object)
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

    def draw(self, ids: Sequence[int], catalogue: Catalogue) -> None:
        """Draw images again, to the last bit; those that do not say how they were made are passed over."""
        wanted = list(ids)
        catalogue.ask(lambda index: index.images(wanted), self._on_images)

    def _on_images(self, images: list[GalleryImage]) -> None:
        self._look([image.record for image in images if image.record], NO_INSISTENCE)

    def _look(self, records: list[ImageRecord], insisted: Insistence) -> None:
        folder = self._store.value.images_folder
        work = partial(jobs_of, records, folder, insisted, self._check_open)
        self._background.do(work, self._draw, partial(self._on_refused, records, insisted))

    def _check_open(self, _bytes: int) -> None:
        if self._closing:
            raise StoppedError

    def _draw(self, jobs: list[GenerateJob]) -> None:
        beside = sum(len(job.prompts) - len(job.kept) for job in jobs if job.kept)
        if beside:
            text = ngettext(
                "{count} more picture of the batch is drawn beside, for the last bit; it is not kept.",
                "{count} more pictures of the batch are drawn beside, for the last bit; they are not kept.",
                beside,
            )
            self.message.emit(Message(text.format(count=number_text(beside))))
        if jobs:
            self.draw_wished.emit(jobs)

    def _on_refused(self, records: list[ImageRecord], insisted: Insistence, error: Exception) -> None:
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
                action=partial(self._look, records, more),
            )
        )  # fmt: skip
