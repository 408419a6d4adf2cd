"""Asking for the tags of the selected pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.library.index.index import GalleryImage, ImageIndex
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.doing.tag_dialog import TagDialog


class Tagging(QObject):
    """Opens one dialog at a time, over the window it is made for."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._catalogue: Catalogue | None = None
        self.dialog: TagDialog | None = None

    def ask(self, catalogue: Catalogue, ids: Sequence[int]) -> None:
        """Ask which tags these images should have."""
        if ids and self.dialog is None:
            self._catalogue = catalogue
            catalogue.ask(lambda index: _with_tags(ids, index), self._open)

    def retranslate(self) -> None:
        """Take the language in use."""
        if self.dialog:
            self.dialog.retranslate()

    def shutdown(self) -> None:
        """Close the dialog."""
        if self.dialog:
            self.dialog.reject()

    def _open(self, answer: tuple[list[GalleryImage], list[str]]) -> None:
        images, known = answer
        if not images or self.dialog is not None:
            return
        self.dialog = TagDialog(images, known, self._window)
        self.dialog.chosen.connect(self._on_chosen)
        self.dialog.finished.connect(self._on_closed)
        self.dialog.open()

    @Slot(object, object, object)
    def _on_chosen(self, ids: list[int], add: list[str], remove: list[str]) -> None:
        if self._catalogue:
            self._catalogue.tag(ids, add, remove)

    @Slot()
    def _on_closed(self) -> None:
        if self.dialog:
            self.dialog.deleteLater()
        self.dialog = None


def _with_tags(ids: Sequence[int], index: ImageIndex) -> tuple[list[GalleryImage], list[str]]:
    return index.images(ids), [tag for tag, _count in index.tags()]
