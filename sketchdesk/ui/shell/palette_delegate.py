"""A line of the palette: icon and title at the left, the shortcut at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from sketchdesk.ui.theme.manager import tokens

NOTE_ROLE = Qt.ItemDataRole.UserRole + 1
ROW_PX = 34
GAP_PX = 16


class PaletteDelegate(QStyledItemDelegate):
    """Draws the note at the right, muted, and leaves the title the room that is left."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one line."""
        self.initStyleOption(option, index)
        note = str(index.data(NOTE_ROLE) or "")
        room = option.rect.adjusted(0, 0, -12, 0)
        width = option.fontMetrics.horizontalAdvance(note)
        taken = width + GAP_PX + option.decorationSize.width() + 40 if note else 0
        option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room.width() - taken)
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        painter.setPen(QColor(tokens().muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, note)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Lines of one height."""
        return QSize(super().sizeHint(option, index).width(), ROW_PX)
