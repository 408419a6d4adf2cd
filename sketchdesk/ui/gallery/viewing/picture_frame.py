"""A picture as wide as its place, with round corners; it can be pressed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from sketchdesk.ui.gallery.grid.painting import RADIUS, rounded
from sketchdesk.ui.theme.manager import theme, tokens

HIGHEST_PX = 300


class PictureFrame(QAbstractButton):
    """Shows an image; a flat place for it while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def show_image(self, image: QImage | None) -> None:
        """Show another image, or its place."""
        self._image = image if image is not None and not image.isNull() else None
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A square, before its width is known."""
        return QSize(240, 240)

    def hasHeightForWidth(self) -> bool:
        """It has the image's shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the image takes at a width."""
        if self._image is None:
            return min(width, HIGHEST_PX)
        return max(1, min(round(width * self._image.height() / self._image.width()), HIGHEST_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the image in the middle, and a ring while the keyboard is here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().field))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        if self._image is not None:
            scale = min(self.width() / self._image.width(), self.height() / self._image.height())
            longest = max(self._image.width(), self._image.height()) * scale
            shown = rounded(self._image, longest, self.devicePixelRatioF())
            size = shown.deviceIndependentSize()
            painter.drawPixmap(
                QPointF(round((self.width() - size.width()) / 2), round((self.height() - size.height()) / 2)), shown
            )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens().accent if self.hasFocus() else tokens().border), 1))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        painter.end()
