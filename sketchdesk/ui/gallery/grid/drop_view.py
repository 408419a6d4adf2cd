"""A view of tiles onto which image files and folders can be dropped."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from sketchdesk.ui.gallery.grid.dropped import dropped_folders, dropped_images
from sketchdesk.ui.gallery.grid.tiled_view import TiledView


class DropView(TiledView):
    """Takes what is dropped anywhere on it, but not what was dragged out of it.

    Signals:
        files_dropped(list[Path]): Image files were dropped here.
        folders_dropped(list[Path]): Folders were.
    """

    files_dropped = Signal(object)
    folders_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome image files."""
        self._accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Welcome image files everywhere."""
        self._accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take image files."""
        self._accept(event)
        if event.isAccepted():
            for signal, found in ((self.files_dropped, dropped_images), (self.folders_dropped, dropped_folders)):
                if paths := found(event.mimeData()):
                    signal.emit(paths)

    def _accept(self, event: QDropEvent) -> None:
        data = event.mimeData()
        if event.source() is not self and (dropped_images(data) or dropped_folders(data)):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()
