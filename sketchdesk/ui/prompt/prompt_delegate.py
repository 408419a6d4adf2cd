"""How a prompt looks in the list: its text, a sign where it has settings of its own, and its count at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.prompt_list import Role
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.icons import pixmap
from sketchdesk.ui.theme.manager import tokens

ROW_PX = 28
MARGIN_PX = 8
HINT_PX = 14

Index = QModelIndex | QPersistentModelIndex


class PromptDelegate(QStyledItemDelegate):
    """Paints rows and makes their editor.

    Signals:
        typing(int, str): A row's text as it is being typed, before Enter.
    """

    typing = Signal(int, str)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        colours = tokens()
        styled = QStyleOptionViewItem(option)
        self.initStyleOption(styled, index)
        styled.text = ""
        style = styled.widget.style() if styled.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, styled, painter, styled.widget)
        painter.save()
        room = option.rect.adjusted(MARGIN_PX, 0, -MARGIN_PX, 0)
        painter.setFont(fonts.tabular(option.font))
        count = f"×{index.data(Role.COUNT)}"
        painter.setPen(QColor(colours.accent if index.data(Role.OWN_COUNT) else colours.muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(count) - MARGIN_PX)
        if index.data(Role.OVERRIDES):
            self._paint_hint(painter, room)
            room.setRight(room.right() - HINT_PX - MARGIN_PX)
        painter.setFont(option.font)
        painter.setPen(QColor(colours.text))
        text = QFontMetrics(option.font).elidedText(index.data(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Every row has the same height, so that a list of thousands is quick."""
        return QSize(80, ROW_PX)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the line in which a prompt is changed."""
        line = named(QLineEdit(parent), "prompt_row_edit")
        line.setFrame(False)
        describe(line, _("The prompt's text; Enter keeps it, Esc leaves it as it was"))
        kept = QPersistentModelIndex(index)
        line.textEdited.connect(lambda text: self.typing.emit(kept.row(), text))
        return line

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Let the editor fill the row."""
        editor.setGeometry(option.rect)

    def _paint_hint(self, painter: QPainter, room: QRect) -> None:
        scale = painter.device().devicePixelRatioF()
        image = pixmap("sliders-horizontal", tokens().accent, round(HINT_PX * scale))
        image.setDevicePixelRatio(scale)
        painter.drawPixmap(room.right() - HINT_PX, room.center().y() - HINT_PX // 2 + 1, image)
