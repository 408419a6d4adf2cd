"""Places where a picture can be dropped to begin with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from sketchdesk.library.images.metadata import IMAGE_SUFFIXES
from sketchdesk.ui.widgets.giving_button import GivingButton


def picture_in(data: QMimeData) -> Path | None:
    """Return the first picture among the files that are dragged, None where there is none."""
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return next((path for path in paths if path.suffix.lower() in IMAGE_SUFFIXES), None)


class PictureButton(GivingButton):
    """A button that takes a picture, too.

    Signals:
        dropped(Path): A picture was dropped on it.
    """

    dropped = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures; the rest is the panel's."""
        if picture_in(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Begin with the picture."""
        if path := picture_in(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(path)
