"""One picture, as large as it fits or in its own pixels, moved with the mouse; several can be looked at as one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from sketchdesk.ui.theme.manager import theme, tokens

SMALLEST, LARGEST = 0.05, 32.0
A_STEP = 1.25
CRISP_FROM = 3.0
"""From this scale on, where a person chose it, the pixels themselves are shown."""
MARGIN_PX = 16.0


class Sight(QObject):
    """Which part of a picture is seen, and how large. Views that share one show the same part.

    Signals:
        changed(): Another part, or another size.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scale: float | None = None
        """Pixels of the screen for one of the picture; None: as large as it fits."""
        self.centre = QPointF(0.5, 0.5)
        """What is in the middle of the view, as fractions of the picture's width and height."""

    def fit(self) -> None:
        """Show the whole picture."""
        self.scale, self.centre = None, QPointF(0.5, 0.5)
        self.changed.emit()

    def set_scale(self, scale: float) -> None:
        """Show the picture this large."""
        self.scale = min(max(scale, SMALLEST), LARGEST)
        self.changed.emit()

    def move_to(self, centre: QPointF) -> None:
        """Bring another point of the picture to the middle."""
        self.centre = QPointF(min(max(centre.x(), 0.0), 1.0), min(max(centre.y(), 0.0), 1.0))
        self.changed.emit()


class PictureView(QWidget):
    """Shows an image through a Sight: the wheel zooms, dragging moves, a double click toggles fit and 100 %.

    Signals:
        scale_changed(float): How large it is shown now, where 1 is a pixel for a pixel.
    """

    scale_changed = Signal(float)

    def __init__(self, sight: Sight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sight = sight
        self._image: QImage | None = None
        self._text = ""
        self._grabbed: QPointF | None = None
        self.setMinimumSize(120, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        sight.changed.connect(self._on_changed)
        theme().changed.connect(self.update)

    def show_image(self, image: QImage | None, text: str = "") -> None:
        """Show an image; `text` where there is none."""
        self._image = image if image is not None and not image.isNull() else None
        self._text = text
        self._on_changed()

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def scale(self) -> float:
        """Return how large the image is shown: pixels of the screen for one of its own."""
        return self.sight.scale if self.sight.scale is not None else self._fitting()

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """Show it larger or smaller; what is at a point of the view stays there."""
        if self._image is None:
            return
        before = self._target()
        at = at or QRectF(self.rect()).center()
        fraction = QPointF((at.x() - before.x()) / before.width(), (at.y() - before.y()) / before.height())
        scale = min(max(self.scale() * A_STEP**steps, SMALLEST), LARGEST)
        width, height = self._image.width() * scale, self._image.height() * scale
        away = at - QRectF(self.rect()).center()
        self.sight.scale = scale
        self.sight.move_to(QPointF(fraction.x() - away.x() / width, fraction.y() - away.y() / height))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is."""
        self.zoom(event.angleDelta().y() / 120, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture that is held."""
        if self._grabbed is None or self._image is None:
            return
        moved, self._grabbed = event.position() - self._grabbed, event.position()
        target = self._target()
        if self.sight.scale is None:
            return  # all of it is seen
        centre = self.sight.centre
        self.sight.move_to(
            QPointF(centre.x() - moved.x() / target.width(), centre.y() - moved.y() / target.height())
        )

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Toggle between the whole picture and its own pixels."""
        if self._image is None:
            return
        if self.sight.scale is None:
            self.sight.set_scale(1.0)
        else:
            self.sight.fit()
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, or what is said instead."""
        painter = QPainter(self)
        if self._image is None:
            self._say(painter)
        else:
            self.paint_image(painter, self._image)
        painter.end()

    def paint_image(self, painter: QPainter, image: QImage) -> None:
        """Paint an image where this view's would be."""
        crisp = self.sight.scale is not None and self.sight.scale >= CRISP_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not crisp)
        painter.drawImage(self._target(), image)

    def _say(self, painter: QPainter) -> None:
        painter.setPen(QColor(tokens().muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text)

    def _fitting(self) -> float:
        if self._image is None:
            return 1.0
        width, height = max(self.width() - 2 * MARGIN_PX, 1), max(self.height() - 2 * MARGIN_PX, 1)
        return min(width / self._image.width(), height / self._image.height())

    def _target(self) -> QRectF:
        """Return where the whole picture would lie in the view."""
        assert self._image is not None
        scale = self.scale()
        width, height = self._image.width() * scale, self._image.height() * scale
        middle, centre = QRectF(self.rect()).center(), self.sight.centre
        if self.sight.scale is None:
            centre = QPointF(0.5, 0.5)
        return QRectF(middle.x() - centre.x() * width, middle.y() - centre.y() * height, width, height)

    @Slot()
    def _on_changed(self) -> None:
        self.update()
        self.scale_changed.emit(self.scale())
