"""The pictures drawn so far, newest last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImageReader, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe

THUMBNAIL_PX = 128
PATH_ROLE = Qt.ItemDataRole.UserRole


class Gallery(QListWidget):
    """Thumbnails of saved images. What a file no longer holds when its turn comes is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.setUniformItemSizes(True)
        self.retranslate()

    def paths(self) -> list[Path]:
        """Return the files of the pictures on show."""
        return [Path(self.item(row).data(PATH_ROLE)) for row in range(self.count())]

    def add(self, path: str, prompt: str) -> bool:
        """Show one more image; False if there is none to be read at the path."""
        thumbnail = _thumbnail(path)
        if thumbnail.isNull():
            return False
        item = QListWidgetItem(QIcon(thumbnail), "")
        item.setData(PATH_ROLE, path)
        item.setToolTip(prompt)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, prompt)
        self.addItem(item)
        self.scrollToBottom()
        return True

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("Images drawn in this window"))


def _thumbnail(path: str) -> QPixmap:
    """Read the image no larger than it will be shown; formats that can, decode less."""
    reader = QImageReader(path)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > THUMBNAIL_PX:
        reader.setScaledSize(size.scaled(THUMBNAIL_PX, THUMBNAIL_PX, Qt.AspectRatioMode.KeepAspectRatio))
    return QPixmap.fromImage(reader.read())
