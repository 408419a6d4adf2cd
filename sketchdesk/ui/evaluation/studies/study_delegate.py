"""How a study looks in the list: its title, where it stands, and a thin bar while it is at work."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.evaluation.studies.study_list import FRACTION_ROLE, NOTE_ROLE, STATE_ROLE
from sketchdesk.ui.theme.manager import tokens

ROW_PX, MARGIN_PX, DOT_PX = 52, 12, 7

_COLOURS = {RunState.DONE: "good", RunState.FAILED: "bad", RunState.INTERRUPTED: "warning", RunState.CANCELED: "muted"}


class StudyDelegate(QStyledItemDelegate):
    """Paints a row of the list of studies."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines."""
        return QSize(super().sizeHint(option, index).width(), ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint title, state and bar."""
        colours = tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(option.rect).adjusted(4, 2, -4, -2)
        ground = _ground(option)
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(frame, 6, 6)
        inner = frame.adjusted(MARGIN_PX + DOT_PX, 6, -MARGIN_PX, -6)
        state: RunState = index.data(STATE_ROLE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colours, "accent" if state in ACTIVE else _COLOURS.get(state, "muted"))))
        painter.drawEllipse(QRectF(frame.left() + 6, inner.top() + 5, DOT_PX, DOT_PX))
        title = QFont(option.font)
        title.setWeight(QFont.Weight.DemiBold)
        _line(painter, inner, title, colours.text, index.data(), top=True)
        small = QFont(option.font)
        small.setPixelSize(11)
        _line(painter, inner, small, colours.muted, index.data(NOTE_ROLE), top=False)
        fraction = index.data(FRACTION_ROLE)
        if fraction is not None:
            _bar(painter, QRectF(inner.left(), frame.bottom() - 4, inner.width(), 3), fraction)
        painter.restore()


def _ground(option: QStyleOptionViewItem) -> str:
    if option.state & QStyle.StateFlag.State_Selected:
        return tokens().selection
    return tokens().hover if option.state & QStyle.StateFlag.State_MouseOver else ""


def _line(painter: QPainter, room: QRectF, font: QFont, colour: str, text: str, *, top: bool) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
    side = Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignBottom
    painter.drawText(room, side | Qt.AlignmentFlag.AlignLeft, shown)


def _bar(painter: QPainter, room: QRectF, fraction: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens().border))
    painter.drawRoundedRect(room, 1.5, 1.5)
    painter.setBrush(QColor(tokens().accent))
    painter.drawRoundedRect(QRectF(room.left(), room.top(), room.width() * fraction, room.height()), 1.5, 1.5)
