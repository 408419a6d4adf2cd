"""The pictures of a data set, read in threads from wherever its items keep them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from sketchdesk.library.dataset.items import Item
from sketchdesk.library.dataset.survey import small_picture
from sketchdesk.library.images.metadata import unreadable_errors
from sketchdesk.library.images.pictures import unreadable
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.theme.manager import theme, tokens

SIDE_PX = 320
MOST_SHOWN = 6
GAP_PX, NAME_PX = 8, 18


class SetPictures(Pictures):
    """Pictures by their items' keys; see Pictures."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent, SIDE_PX)
        self._items: dict[Path, Item] = {}

    def set_items(self, items: Mapping[str, Item]) -> None:
        """Say which items the keys mean."""
        self._items = {Path(key): item for key, item in items.items()}

    def of(self, key: str) -> QPixmap | None:
        """Return an item's picture, an empty one where there is none, or None where it is being read for later."""
        return self.get(Path(key)) if Path(key) in self._items else QPixmap()

    def _open(self, path: Path, side_px: int) -> Image.Image:
        broken: tuple[type[Exception], ...] = (*unreadable_errors(), MemoryError)
        try:
            return small_picture(self._items[path], side_px)
        except broken as error:
            raise unreadable(path, error) from error


class PickedStrip(QWidget):
    """Shows a few pictures large, side by side, each with its name."""

    def __init__(self, pictures: SetPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_picked")
        self._pictures = pictures
        self._keys: list[str] = []
        self.setMinimumHeight(150)
        pictures.arrived.connect(self.update)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(600, 180)

    def show_keys(self, keys: list[str]) -> None:
        """Show these; of many the first."""
        self._keys = keys[:MOST_SHOWN]
        self.setAccessibleName(", ".join(self._keys))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint them."""
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        side = min(self.height() - NAME_PX, (self.width() - GAP_PX * (MOST_SHOWN - 1)) / max(3, len(self._keys)))
        for place, key in enumerate(self._keys):
            cell = QRectF(place * (side + GAP_PX) + 0.5, 0.5, side - 1, side - 1)
            paint_picture(painter, cell, self._pictures.of(key), 6)
            name = painter.fontMetrics().elidedText(Path(key).name, Qt.TextElideMode.ElideMiddle, int(side))
            painter.setPen(QColor(tokens().muted))
            line = QRectF(cell.left(), cell.bottom() + 2, side, NAME_PX)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()
