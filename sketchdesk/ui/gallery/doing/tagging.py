"""Asking for the tags of the selected pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.library.index.index import GalleryImage, ImageIndex
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.doing.tag_dialog import TagDialog
from sketchdesk.ui.widgets.one_dialog import OneDialog


class Tagging(OneDialog[TagDialog]):
    """Opens one dialog at a time, over the window it is made for."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._catalogue: Catalogue | None = None

    def ask(self, catalogue: Catalogue, ids: Sequence[int]) -> None:
        """Ask which tags these images should have."""
        if ids and self.dialog is None:
            self._catalogue = catalogue
            catalogue.ask(lambda index: _with_tags(ids, index), self._open)

    def _open(self, answer: tuple[list[GalleryImage], list[str]]) -> None:
        images, known = answer
        if not images or self.dialog is not None:
            return
        dialog = TagDialog(images, known, self._window)
        dialog.chosen.connect(self._on_chosen)
        self._open_one(dialog)

    @Slot(object, object, object)
    def _on_chosen(self, ids: list[int], add: list[str], remove: list[str]) -> None:
        if self._catalogue:
            self._catalogue.tag(ids, add, remove)


def _with_tags(ids: Sequence[int], index: ImageIndex) -> tuple[list[GalleryImage], list[str]]:
    return index.images(ids), [tag for tag, _count in index.tags()]
