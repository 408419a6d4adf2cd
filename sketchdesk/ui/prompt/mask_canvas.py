"""A picture to paint over with a round brush: the paint is the mask."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sketchdesk.ui.prompt.mask_pixels import OPACITY, painted_of
from sketchdesk.ui.theme.manager import theme

STEPS_KEPT = 40
BRUSH_SHARE = 8
"""The brush is at first this part of the picture's shorter side."""


class MaskCanvas(QWidget):
    """Shows the picture as large as there is room, with the paint over it.

    Signals:
        painted(): A stroke is done, or one was taken back.
    """

    painted = Signal()

    def __init__(self, picture: QImage, mask: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self._colour = QColor(theme().tokens.accent)
        self._paint = self._clear() if mask.isNull() else painted_of(mask, self._colour.name())
        self._before: list[QImage] = []
        self._last: QPointF | None = None
        self._pointer: QPointF | None = None
        self.brush_px = max(2, self.shorter_px // BRUSH_SHARE)
        """The brush's width in pixels of the picture."""
        self.erases = False
        """Whether the brush takes paint away."""
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.BlankCursor)  # the brush itself is shown
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Room for the picture, up to a usual window's."""
        return self._picture.size().expandedTo(QSize(512, 384)).boundedTo(QSize(720, 520))

    def minimumSizeHint(self) -> QSize:
        """Enough to aim."""
        return QSize(240, 180)

    @property
    def paint(self) -> QImage:
        """The paint, in the picture's size: clear where nothing is drawn anew."""
        return self._paint

    @property
    def shorter_px(self) -> int:
        """The picture's shorter side."""
        return min(self._picture.width(), self._picture.height())

    @property
    def is_empty(self) -> bool:
        """Whether there is no paint at all."""
        alpha = self._paint.convertToFormat(QImage.Format.Format_Alpha8)
        return not any(bytes(alpha.constBits()))

    @property
    def can_undo(self) -> bool:
        """Whether a stroke can be taken back."""
        return bool(self._before)

    def undo(self) -> None:
        """Take the last stroke back."""
        if self._before:
            self._paint = self._before.pop()
            self._tell()

    def clear(self) -> None:
        """Take all paint away; this can be undone."""
        self._keep()
        self._paint = self._clear()
        self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._keep()
            self._last = self._at(event.position())
            self._stroke(self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, or only show the brush."""
        self._pointer = event.position()
        if self._last is not None:
            self._stroke(self._at(event.position()))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        if event.button() is Qt.MouseButton.LeftButton and self._last is not None:
            self._last = None
            self._tell()

    def leaveEvent(self, _event: object) -> None:
        """Show no brush while the pointer is elsewhere."""
        self._pointer = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw picture, paint and brush."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = self._place()
        painter.drawImage(place, self._picture)
        painter.setOpacity(OPACITY)
        painter.drawImage(place, self._paint)
        painter.setOpacity(1.0)
        if self._pointer is not None:
            radius = self.brush_px * self._scale() / 2
            for colour, width in (("#000000", 3.0), ("#ffffff", 1.0)):  # seen on every picture
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(self._pointer, radius, radius)

    def _stroke(self, to: QPointF) -> None:
        assert self._last is not None
        painter = QPainter(self._paint)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.erases:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.setPen(QPen(self._colour, self.brush_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(self._last, to + QPointF(0.01, 0))  # a click is a dot
        painter.end()
        self._last = to
        self.update()

    def _keep(self) -> None:
        self._before = [*self._before[-STEPS_KEPT + 1 :], self._paint.copy()]

    def _tell(self) -> None:
        self.update()
        self.painted.emit()

    def _clear(self) -> QImage:
        paint = QImage(self._picture.size(), QImage.Format.Format_ARGB32_Premultiplied)
        paint.fill(Qt.GlobalColor.transparent)
        return paint

    def _scale(self) -> float:
        return min(self.width() / self._picture.width(), self.height() / self._picture.height())

    def _place(self) -> QRectF:
        """Return where the picture is on show, in the middle of the widget."""
        width, height = self._picture.width() * self._scale(), self._picture.height() * self._scale()
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _at(self, point: QPointF) -> QPointF:
        """Return a point of the widget in pixels of the picture."""
        return (point - self._place().topLeft()) / self._scale()
