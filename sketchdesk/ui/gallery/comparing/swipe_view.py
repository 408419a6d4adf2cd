"""Two pictures in one place, and a line between them that is moved over them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from sketchdesk.ui.gallery.viewing.picture_view import PictureView, Sight
from sketchdesk.ui.theme.manager import tokens

HANDLE_PX = 14.0
NEAR_PX = 24.0
A_KEY = 0.02


class SwipeView(PictureView):
    """Shows one image left of the line and the other right of it; the line moves by mouse and by Left and Right."""

    def __init__(self, sight: Sight, parent: QWidget | None = None) -> None:
        super().__init__(sight, parent)
        self._right: QImage | None = None
        self._split = 0.5
        self._moving = False
        self.setMouseTracking(True)

    @property
    def split(self) -> float:
        """Where the line is, as a fraction of the width."""
        return self._split

    def show_images(self, left: QImage | None, right: QImage | None, text: str = "") -> None:
        """Show two images; `text` while the left one is missing."""
        self._right = right if right is not None and not right.isNull() else None
        self.show_image(left, text)

    def set_split(self, fraction: float) -> None:
        """Move the line."""
        self._split = min(max(fraction, 0.0), 1.0)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line."""
        steps = {Qt.Key.Key_Left: -A_KEY, Qt.Key.Key_Right: A_KEY}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.set_split(self._split + steps)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the line, or of the picture."""
        self._moving = event.button() == Qt.MouseButton.LeftButton and self._is_near(event.position())
        if not self._moving:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held."""
        if self._moving:
            self.set_split(event.position().x() / max(self.width(), 1))
            return
        if not event.buttons():
            near = self._is_near(event.position())
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._moving = False
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both pictures and the line."""
        super().paintEvent(event)
        if self.image is None or self._right is None:
            return
        painter = QPainter(self)
        x = self._line_x()
        painter.save()
        painter.setClipRect(QRectF(x, 0, self.width() - x, self.height()))
        painter.fillRect(self.rect(), QColor(tokens().window))
        self.paint_image(painter, self._right)
        painter.restore()
        self._paint_line(painter, x)
        painter.end()

    def _paint_line(self, painter: QPainter, x: float) -> None:
        colours = tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        centre = QPointF(x, self.height() / 2)
        painter.setBrush(QColor(colours.accent))
        painter.setPen(QPen(QColor(colours.on_accent), 1.5))
        painter.drawEllipse(centre, HANDLE_PX, HANDLE_PX)
        for side in (-1, 1):  # two arrows
            tip = centre + QPointF(side * 8, 0)
            painter.drawLine(tip, tip + QPointF(-side * 4, -4))
            painter.drawLine(tip, tip + QPointF(-side * 4, 4))

    def _line_x(self) -> float:
        return self._split * self.width()

    def _is_near(self, point: QPointF) -> bool:
        return abs(point.x() - self._line_x()) < NEAR_PX / 2
