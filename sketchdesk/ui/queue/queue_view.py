"""The list of jobs, with what can be done about each."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionProgressBar,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.run_state import ACTIVE, RunState
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.queue.queue_model import FRACTION_ROLE, Column, QueueModel
from sketchdesk.workers.runner import JobRunner

STOPPABLE = {RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.INTERRUPTED}
_BAR_STEPS = 1000


class ProgressDelegate(QStyledItemDelegate):
    """Draws a job's progress as a bar."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the bar, or the plain cell where the progress is not known."""
        fraction = index.data(FRACTION_ROLE)
        if fraction is None:
            super().paint(painter, option, index)
            return
        bar = QStyleOptionProgressBar()
        bar.rect = option.rect
        bar.maximum = _BAR_STEPS
        bar.progress = round(fraction * _BAR_STEPS)
        bar.text = index.data()
        bar.textVisible = True
        bar.state = option.state | QStyle.StateFlag.State_Horizontal
        QApplication.style().drawControl(QStyle.ControlElement.CE_ProgressBar, bar, painter)


class QueueView(QWidget):
    """A table of the jobs above a row of buttons that act on the selected one."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self._runner = runner
        self.model = QueueModel(runner, self)
        self._table = named(QTreeView(), "queue_table")
        self._build_table()
        self._stop = named(QPushButton(), "queue_stop_button")
        self._hold = named(QPushButton(), "queue_hold_button")
        self._up = named(QPushButton(), "queue_up_button")
        self._down = named(QPushButton(), "queue_down_button")
        self._remove = named(QPushButton(), "queue_remove_button")
        buttons = QHBoxLayout()
        for button in (self._stop, self._hold, self._up, self._down, self._remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._table)
        layout.addLayout(buttons)
        self._connect()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.model.retranslate()
        self._table.setAccessibleName(_("Jobs"))
        self._table.header().setAccessibleName(_("Columns of the jobs"))
        self._up.setText(_("Up"))
        self._down.setText(_("Down"))
        self._stop.setText(_("Stop"))
        self._remove.setText(_("Remove"))
        describe(self._stop, _("Stop the selected job; what is finished is kept"))
        describe(self._up, _("Let the selected job run earlier"))
        describe(self._down, _("Let the selected job run later"))
        describe(self._remove, _("Take the selected job off the list; its files stay"))
        self._update_buttons()

    def _build_table(self) -> None:
        self._table.setModel(self.model)
        self._table.setRootIsDecorated(False)
        self._table.setUniformRowHeights(True)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setItemDelegateForColumn(Column.PROGRESS, ProgressDelegate(self._table))
        header = named(self._table.header(), "queue_header")
        header.setStretchLastSection(False)
        for column in Column:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def _connect(self) -> None:
        self._stop.clicked.connect(self._on_stop)
        self._hold.clicked.connect(self._on_hold)
        self._up.clicked.connect(self._on_up)
        self._down.clicked.connect(self._on_down)
        self._remove.clicked.connect(self._on_remove)
        self._table.selectionModel().currentChanged.connect(self._update_buttons)
        self.model.dataChanged.connect(self._update_buttons)
        self.model.modelAboutToBeReset.connect(self._remember)
        self.model.modelReset.connect(self._select_again)
        self._remembered: str | None = None

    @property
    def selected(self) -> str | None:
        """The id of the selected job."""
        index = self._table.currentIndex()
        return self.model.job_id(index.row()) if index.isValid() else None

    def select(self, job_id: str) -> None:
        """Select a job on the list."""
        row = self._runner.job_ids().index(job_id)
        self._table.setCurrentIndex(self.model.index(row, 0))

    def _remember(self) -> None:
        self._remembered = self.selected

    def _select_again(self) -> None:
        if self._remembered in self._runner.job_ids():
            self.select(self._remembered)
        self._update_buttons()

    @Slot()
    def _update_buttons(self) -> None:
        job_id = self.selected
        state = self._runner.state(job_id) if job_id else None
        waits = state is RunState.QUEUED
        self._stop.setEnabled(state in STOPPABLE)
        self._hold.setEnabled(state in (RunState.RUNNING, RunState.PAUSED, RunState.INTERRUPTED))
        resumes = state in (RunState.PAUSED, RunState.INTERRUPTED)
        self._hold.setText(_("Resume") if resumes else _("Pause"))
        describe(
            self._hold, _("Go on with the selected job") if resumes else _("Hold the selected job at its next step")
        )
        self._up.setEnabled(waits)
        self._down.setEnabled(waits)
        self._remove.setEnabled(state is not None and state not in ACTIVE)

    @Slot()
    def _on_stop(self) -> None:
        if job_id := self.selected:
            self._runner.cancel(job_id)

    @Slot()
    def _on_hold(self) -> None:
        if job_id := self.selected:
            _done = self._runner.pause(job_id) or self._runner.resume(job_id)

    @Slot()
    def _on_up(self) -> None:
        self._shift(-1)

    @Slot()
    def _on_down(self) -> None:
        self._shift(+1)

    def _shift(self, places: int) -> None:
        if job_id := self.selected:
            place = self._runner.place(job_id)
            if place is not None:
                self._runner.move(job_id, place + places)

    @Slot()
    def _on_remove(self) -> None:
        if job_id := self.selected:
            self._runner.remove(job_id)
