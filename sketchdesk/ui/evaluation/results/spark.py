"""Sparklines: small drawings in a table's cells."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from sketchdesk.ui.evaluation.results.prompt_delegates import paint_ground
from sketchdesk.ui.theme.manager import tokens

BINS = 16
MARGIN_PX = 8
HEIGHT_PX = 16
SPARK_ROLE = Qt.ItemDataRole.UserRole + 8
"""What is drawn: a Histogram or a Parts, None for nothing."""

Index = QModelIndex | QPersistentModelIndex


class Histogram:
    """How values are spread over a range that several rows share, with their mean."""

    def __init__(self, values: Sequence[float], low: float, high: float) -> None:
        self.counts = [0] * BINS
        for value in values:
            place = int((value - low) / (high - low) * BINS) if high > low else BINS // 2
            self.counts[min(BINS - 1, max(0, place))] += 1
        middle = sum(values) / len(values) if values else low
        self.mean = (middle - low) / (high - low) if high > low else 0.5
        """Where the mean lies, 0..1."""


class Parts:
    """What a whole is made of: lengths in shares of the longest whole among the rows, in the series' colours."""

    def __init__(self, shares: Sequence[float]) -> None:
        self.shares = tuple(shares)


class SparkDelegate(QStyledItemDelegate):
    """Paints the SPARK_ROLE of its cells."""

    def __init__(self, view: QWidget, width_px: int) -> None:
        super().__init__(view)
        self._view = view
        self._width_px = width_px

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the drawing."""
        return QSize(self._width_px, HEIGHT_PX + 2 * MARGIN_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the ground and the drawing."""
        paint_ground(self._view, painter, option)
        drawn = index.data(SPARK_ROLE)
        room = QRectF(option.rect)
        middle = QRectF(room.left() + MARGIN_PX, room.center().y() - HEIGHT_PX / 2, room.width() - 2 * MARGIN_PX,
                        HEIGHT_PX)  # fmt: skip
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if isinstance(drawn, Histogram):
            _paint_histogram(painter, middle, drawn)
        elif isinstance(drawn, Parts):
            _paint_parts(painter, middle, drawn)
        painter.restore()


def _paint_histogram(painter: QPainter, room: QRectF, drawn: Histogram) -> None:
    colours, highest = tokens(), max(drawn.counts) or 1
    width = room.width() / BINS
    painter.setPen(QPen(QColor(colours.border), 1))
    painter.drawLine(room.bottomLeft(), room.bottomRight())
    painter.setPen(Qt.PenStyle.NoPen)
    bar = QColor(colours.accent)
    bar.setAlpha(150)
    painter.setBrush(bar)
    for place, count in enumerate(drawn.counts):
        if count:
            height = max(1.5, room.height() * count / highest)
            painter.drawRect(QRectF(room.left() + place * width, room.bottom() - height, width - 1, height))
    x = room.left() + drawn.mean * room.width()
    painter.setPen(QPen(QColor(colours.text), 1.5))
    painter.drawLine(QPointF(x, room.top() - 2), QPointF(x, room.bottom() + 2))


def _paint_parts(painter: QPainter, room: QRectF, drawn: Parts) -> None:
    left = room.left()
    for place, share in enumerate(drawn.shares):
        width = room.width() * share
        painter.setBrush(QColor(tokens().series[place]))
        painter.drawRect(QRectF(left, room.top() + 3, max(width, 0.5 if share else 0.0), room.height() - 6))
        left += width
