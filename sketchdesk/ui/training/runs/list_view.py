"""The list of trainings: name, state, progress; a box to lay a run over the charts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.library.training.train_runs import Training
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.sentences import state_text
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.icons import pixmap
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.training.charts.colour import run_colour
from sketchdesk.ui.training.runs.list_model import COLOUR_ROLE, TRAINING_ROLE, RunListModel, summary_text

ROW_PX, BOX_PX, PAD_PX = 56, 14, 10


def state_colour(state: RunState) -> str:
    """Return the colour that a state is shown in."""
    if state in ACTIVE:
        return tokens().accent
    return {RunState.DONE: tokens().good, RunState.FAILED: tokens().bad, RunState.INTERRUPTED: tokens().warning}.get(
        state, tokens().muted
    )


class RunDelegate(QStyledItemDelegate):
    """Paints a row: box, name and state above, progress, loss and day below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines."""
        return QSize(160, ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        training: Training = index.data(TRAINING_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(tokens().selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(tokens().hover))
        self._paint_box(painter, box_rect(option.rect), index)
        inner = option.rect.adjusted(PAD_PX + BOX_PX + 8, 8, -PAD_PX, -8)
        upper, lower = QRect(inner), QRect(inner)
        upper.setHeight(inner.height() // 2)
        lower.setTop(upper.bottom() + 1)
        small = tabular(QFont(option.font))
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setPen(QColor(state_colour(training.state)))
        state = state_text(training.state)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, middle | Qt.AlignmentFlag.AlignRight, state)
        taken = painter.fontMetrics().horizontalAdvance(state) + 8
        painter.setPen(QColor(tokens().muted))
        self._draw(painter, lower, summary_text(training))
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(tokens().text))
        self._draw(painter, upper.adjusted(0, 0, -taken, 0), training.run.title)
        painter.setPen(QColor(tokens().border))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: RunListModel, option: QStyleOptionViewItem,  # type: ignore[override]
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:  # fmt: skip
        """Tick by a click on the box or by Space."""
        clicked = isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease
        reach = box_rect(option.rect).adjusted(-PAD_PX, -PAD_PX, 8, PAD_PX)
        if clicked and isinstance(event, QMouseEvent) and reach.contains(event.position().toPoint()):
            return toggle(model, index)
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            return toggle(model, index)
        return False

    def _paint_box(self, painter: QPainter, box: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        place = index.data(COLOUR_ROLE)
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
        colour = QColor(run_colour(place) if place is not None else tokens().muted)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(colour if is_ticked or place is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        if is_ticked:
            painter.drawPixmap(box, pixmap("check", tokens().surface, 2 * BOX_PX))

    @staticmethod
    def _draw(painter: QPainter, rect: QRect, text: str) -> None:
        fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)


def box_rect(row: QRect) -> QRect:
    """Return where the box of a row is."""
    return QRect(row.left() + PAD_PX, row.center().y() - BOX_PX // 2, BOX_PX, BOX_PX)


def toggle(model: RunListModel, index: QModelIndex | QPersistentModelIndex) -> bool:
    """Tick a row that is not, untick one that is."""
    is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
    wanted = Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked
    return model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)


class RunList(QFrame):
    """The trainings with a heading; one is selected, any may be ticked.

    Signals:
        selected(str): Another run is, by its id; "" for none.
    """

    selected = Signal(str)

    def __init__(self, model: RunListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_runs")
        set_role(self, "panel-left")
        self._model = model
        self._title = named(QLabel(), "training_runs_title")
        set_role(self._title, "caption")
        self._view = named(QListView(), "training_run_list")
        set_role(self._view, "bare")
        self._view.setModel(model)
        self._view.setItemDelegate(RunDelegate(self._view))
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setUniformItemSizes(True)
        self._view.setMouseTracking(True)
        self._hint = named(QLabel(), "training_runs_hint")
        set_role(self._hint, "small")
        self._hint.setWordWrap(True)
        self._title.setContentsMargins(12, 0, 12, 0)
        self._hint.setContentsMargins(12, 0, 12, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 12)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._view, 1)
        layout.addWidget(self._hint)
        self._view.selectionModel().currentChanged.connect(self._on_current)
        theme().changed.connect(self._view.viewport().update)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._title.setText(_("Trainings"))
        self._hint.setText(_("Tick runs to lay them over the charts."))
        describe(self._view, _("Trainings on this machine; Space lays one over the charts"))
        self._view.setToolTip("")
        self._model.retranslate()

    @property
    def selected_id(self) -> str:
        """The run that is selected, or ""."""
        index = self._view.currentIndex()
        return index.data(TRAINING_ROLE).run.id if index.isValid() else ""

    def select(self, run_id: str) -> bool:
        """Select a run; False where it is not in the list."""
        row = self._model.row_of(run_id)
        if row is None:
            return False
        self._view.setCurrentIndex(self._model.index(row))
        return True

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.selected.emit(self.selected_id)
