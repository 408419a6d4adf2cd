"""A picture beside what other models drew at the same seed; the base model is asked to draw it where none has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.remake import by_the_base
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.index.index import GalleryImage, ImageIndex
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.doing.remaking import Remaking
from sketchdesk.ui.message import Message
from sketchdesk.ui.settings_store import SettingsStore

if TYPE_CHECKING:
    from sketchdesk.ui.gallery.comparing.pair_list import Pair

Answer = tuple[list[GalleryImage], ImageRecord | None]


class SameSeed(QObject):
    """Finds, or has drawn, what a picture is compared with. End it with shutdown().

    Signals:
        pairs_found(list[Pair]): The picture, at the right, against every other model's.
        draw_wished(list[GenerateJob]): The base model's picture is to be drawn.
        message(Message): What is going on, or why nothing is, with a button to insist.
    """

    pairs_found = Signal(object)
    draw_wished = Signal(object)
    message = Signal(Message)

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._remaking = Remaking(store, self)
        self._remaking.message.connect(self.message)
        self._awaited: GalleryImage | None = None

    def shutdown(self) -> None:
        """End the thread; what is being read is given up."""
        self._remaking.shutdown()

    def compare(self, catalogue: Catalogue, image: GalleryImage) -> None:
        """Find the picture's partners."""
        catalogue.ask(partial(_partners, image), partial(self._on_partners, image))

    def look_again(self, catalogue: Catalogue) -> None:
        """See whether the picture that was asked for is there."""
        if self._awaited is not None:
            catalogue.ask(partial(_partners, self._awaited), partial(self._on_arrived, self._awaited))

    def _on_partners(self, image: GalleryImage, answer: Answer) -> None:
        partners, by_base = answer
        if partners:
            self.pairs_found.emit(_pairs(image, answer))
        elif by_base is None:
            self.message.emit(
                Message(
                    _("No other model has drawn this picture, and no base of its model is known."),
                    _("Draw the same prompt with another model at the same seed."),
                )
            )
        else:
            self._remaking.make([by_base], partial(self._draw, image, by_base))

    def _draw(self, image: GalleryImage, by_base: ImageRecord, jobs: list[GenerateJob]) -> None:
        self._awaited = image
        self.message.emit(
            Message(_("“{model}” draws this picture at the same seed.").format(model=short_model(by_base.model)))
        )
        self.draw_wished.emit(jobs)

    def _on_arrived(self, image: GalleryImage, answer: Answer) -> None:
        if not answer[0] or image is not self._awaited:
            return
        self._awaited = None
        self.message.emit(
            Message(
                _("The picture to compare with is ready."),
                level="good",
                action_text=_("Compare"),
                action=partial(self.pairs_found.emit, _pairs(image, answer)),
            )
        )


def _partners(image: GalleryImage, index: ImageIndex) -> Answer:
    return index.pair_of(image), by_the_base(image.record) if image.record else None


def _pairs(image: GalleryImage, answer: Answer) -> list[Pair]:
    """Return the pairs, the base model's first."""
    partners, by_base = answer
    base = by_base.model_label if by_base else ""
    partners.sort(key=lambda one: one.record is None or one.record.model_label != base)
    return [(one, image) for one in partners]
