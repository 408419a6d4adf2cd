"""Pictures drawn again, and what is drawn beside them for the last bit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import ngettext
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.doing.remaking import Remaking
from sketchdesk.ui.message import Message
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.settings_store import SettingsStore


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
        self._remaking = Remaking(store, self)
        self._remaking.message.connect(self.message)

    def shutdown(self) -> None:
        """End the thread; what is being read is given up."""
        self._remaking.shutdown()

    def draw(self, ids: Sequence[int], catalogue: Catalogue) -> None:
        """Draw images again, to the last bit; those that do not say how they were made are passed over."""
        wanted = list(ids)
        catalogue.ask(lambda index: index.images(wanted), self._on_images)

    def _on_images(self, images: list[GalleryImage]) -> None:
        self._remaking.make([image.record for image in images if image.record], self._draw)

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
