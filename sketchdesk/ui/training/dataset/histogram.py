"""A small histogram: bars over a line of names, perhaps with a limit that is marked across them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import theme, tokens

NAME_PX = 16
ROOM_PX = 4


class Histogram(QWidget):
    """Bars; pointing at one tells its count."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._counts: list[int] = []
        self._names: list[str] = []
        self._limit: float | None = None
        self.setMinimumHeight(84)
        self.setMouseTracking(True)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(240, 96)

    def show_bars(self, counts: Sequence[int], names: Sequence[str], limit: float | None = None) -> None:
        """Show counts, each with a name ("" writes none below it); `limit` is a place between bars, 0 the left edge."""
        self._counts, self._names, self._limit = list(counts), list(names), limit
        self.setAccessibleDescription(", ".join(f"{n}: {c}" for n, c in zip(names, counts, strict=True) if c))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the count of the bar that is pointed at."""
        place = int(event.position().x() / max(1.0, self._step()))
        if 0 <= place < len(self._counts):
            text = f"{self._names[place]}: {number_text(self._counts[place])}".removeprefix(": ")
            QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def _step(self) -> float:
        return self.width() / max(1, len(self._counts))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars, names and limit."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        step, most = self._step(), max(self._counts, default=0)
        floor = self.height() - NAME_PX
        for place, (count, name) in enumerate(zip(self._counts, self._names, strict=True)):
            left = place * step
            over = self._limit is not None and place >= self._limit
            if count:
                height = max(2.0, (floor - ROOM_PX) * count / most)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens().warning if over else tokens().accent))
                painter.drawRoundedRect(QRectF(left + 1, floor - height, max(1.0, step - 2), height), 2, 2)
            painter.setPen(QColor(tokens().muted))
            room = QRectF(left - step, floor, 3 * step, NAME_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name if self._is_named(place) else "")
        painter.setPen(QPen(QColor(tokens().border), 1))
        painter.drawLine(QPointF(0, floor), QPointF(self.width(), floor))
        if self._limit is not None:
            painter.setPen(QPen(QColor(tokens().warning), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(self._limit * step, 0), QPointF(self._limit * step, floor))
        painter.end()

    def _is_named(self, place: int) -> bool:
        """Tell whether there is room for a bar's name: of crowded ones some are left out."""
        every = max(1, -(-34 // max(1, int(self._step()))))
        return place % every == 0
