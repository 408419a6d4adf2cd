"""How cells of the table of prompts are painted: an interval as dot and whisker, same-seed pictures side by side."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from sketchdesk.library.evaluation.findings import Interval, Verdict
from sketchdesk.ui.evaluation.results.prompt_model import INTERVAL_ROLE, PAIRS_ROLE, PromptTable
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import tokens

ROW_PX = 64
THUMBNAIL_PX = 48
GAP_PX, PAIR_GAP_PX = 4, 12
VALUE_PX = 62
MORE_PX = 34
"""Room for "+4"."""
MARGIN_PX = 10
DOT_PX = 4.5

Index = QModelIndex | QPersistentModelIndex


def whole_pairs_px(wished_px: float, together: int) -> int:
    """Return the width of a column that holds whole groups of `together` pictures, and how many more there are."""
    group = together * (THUMBNAIL_PX + GAP_PX) - GAP_PX + PAIR_GAP_PX
    rest = 2 * MARGIN_PX + MORE_PX
    return int(max(1, (wished_px - rest) // group)) * group + rest


def paint_ground(widget: QWidget | None, painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Paint a cell's selection and hover as the style does."""
    style = widget.style() if widget else QApplication.style()
    style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)


class WhiskerDelegate(QStyledItemDelegate):
    """Draws each row's interval on the scale all rows share, with zero as a line, and the mean as a number."""

    def __init__(self, table: PromptTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self._view = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the drawing and the number."""
        return QSize(220, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint zero, whisker, dot and number."""
        paint_ground(self._view, painter, option)
        found: Interval | None = index.data(INTERVAL_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(option.rect).adjusted(MARGIN_PX, 0, -MARGIN_PX, 0)
        if found:
            drawn = room.adjusted(0, 0, -VALUE_PX, 0)
            paint_whisker(painter, drawn, found, self._table.scale, with_zero=self._table.is_comparison)
        painter.setFont(fonts.tabular(option.font))
        painter.setPen(QColor(_colour(found, self._table.is_comparison)))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data())
        painter.restore()


def paint_whisker(
    painter: QPainter, room: QRectF, found: Interval, scale: tuple[float, float], *, with_zero: bool
) -> None:
    """Paint an interval as a line with its mean as a dot, and a line where zero is; one that goes on has an arrow."""
    colours = tokens()
    low, high = scale
    inner = room.adjusted(DOT_PX + 1, 0, -DOT_PX - 1, 0)
    unit = inner.width() / (high - low) if high > low else 0.0
    middle = room.center().y()

    def x(value: float) -> float:
        return inner.left() + (value - low) * unit

    if with_zero:
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(QPointF(x(0), room.top() + 12), QPointF(x(0), room.bottom() - 12))
    if found.low is not None and found.high is not None:
        painter.setPen(QPen(QColor(colours.accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(x(max(found.low, low)), middle), QPointF(x(min(found.high, high)), middle))
        for is_cut, end, inwards in ((found.low < low, x(low), 4), (found.high > high, x(high), -4)):
            if is_cut:
                tip, near = QPointF(end, middle), end + inwards
                painter.drawPolyline([QPointF(near, middle - 4), tip, QPointF(near, middle + 4)])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.accent))
    painter.drawEllipse(QPointF(x(found.mean), middle), DOT_PX, DOT_PX)


def _colour(found: Interval | None, is_comparison: bool) -> str:
    if not found or not is_comparison:
        return tokens().text
    return {Verdict.HIGHER: tokens().good, Verdict.LOWER: tokens().bad}.get(found.verdict, tokens().muted)


class PairsDelegate(QStyledItemDelegate):
    """Draws as many pairs of pictures as fit, and how many more there are."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._view = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for two pairs."""
        return QSize(2 * (2 * THUMBNAIL_PX + GAP_PX + PAIR_GAP_PX), ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the pictures of each seed next to each other."""
        paint_ground(self._view, painter, option)
        pairs: tuple[tuple[Path, ...], ...] = index.data(PAIRS_ROLE) or ()
        painter.save()
        room = QRectF(option.rect).adjusted(MARGIN_PX, 0, -MARGIN_PX, 0)
        left, top = room.left(), room.center().y() - THUMBNAIL_PX / 2
        for number, files in enumerate(pairs):
            width = len(files) * (THUMBNAIL_PX + GAP_PX) - GAP_PX
            rest = 0 if number == len(pairs) - 1 else MORE_PX
            if left + width + rest > room.right() and number:
                self._more(painter, QRectF(left, room.top(), MORE_PX, room.height()), len(pairs) - number)
                break
            for file in files:
                paint_picture(painter, QRectF(left, top, THUMBNAIL_PX, THUMBNAIL_PX), self._pictures.get(file))
                left += THUMBNAIL_PX + GAP_PX
            left += PAIR_GAP_PX - GAP_PX
        painter.restore()

    def _more(self, painter: QPainter, room: QRectF, count: int) -> None:
        painter.setPen(QColor(tokens().muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"+{count}")
