"""A job's progress in the queue's list: a thin bar with the words beside it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from sketchdesk.ui.queue.queue_model import FRACTION_ROLE
from sketchdesk.ui.theme.manager import tokens

BAR_PX = (96, 4)
ROW_PX = 32


class ProgressDelegate(QStyledItemDelegate):
    """Draws the fraction as a bar; a row whose fraction is not known has only its words."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        room = option.rect.adjusted(8, 0, -8, 0)
        fraction = index.data(FRACTION_ROLE)
        if fraction is not None:
            _draw_bar(painter, QRectF(room.left(), room.center().y() - BAR_PX[1] / 2, *BAR_PX), fraction)
            room.setLeft(room.left() + BAR_PX[0] + 12)
        painter.setPen(QColor(tokens().muted))
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Rows of a height that fingers find."""
        return QSize(super().sizeHint(option, index).width(), ROW_PX)


def _draw_bar(painter: QPainter, room: QRectF, fraction: float) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = room.height() / 2
    painter.setBrush(QColor(tokens().border))
    painter.drawRoundedRect(room, radius, radius)
    painter.setBrush(QColor(tokens().good if fraction >= 1 else tokens().accent))
    painter.drawRoundedRect(QRectF(room.left(), room.top(), room.width() * fraction, room.height()), radius, radius)
    painter.restore()
