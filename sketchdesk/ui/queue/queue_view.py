"""The list of jobs, with what can be done about each."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.queue.progress_delegate import ProgressDelegate
from sketchdesk.ui.queue.queue_model import FINISHED, Column, QueueModel
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.workers.runner import JobRunner

LEAST_PX = 176
"""Room for a few jobs."""
STOPPABLE = {RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.INTERRUPTED}
HOLDABLE = {RunState.RUNNING, RunState.PAUSED, RunState.INTERRUPTED, RunState.FAILED, RunState.CANCELED}
_ICONS = {"stop": "square", "hold": "pause", "up": "arrow-up", "down": "arrow-down", "remove": "x", "clear": "check"}


class QueueView(QFrame):
    """A table of the jobs under a row of buttons that act on the selected one; rows that wait can be dragged.

    Signals:
        closed(): The list is no longer wanted.
    """

    closed = Signal()

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        set_role(self, "foot")
        self.setMinimumHeight(LEAST_PX)
        self._runner = runner
        self.model = QueueModel(runner, self)
        self._title = named(QLabel(), "queue_title")
        set_role(self._title, "heading")
        self._table = named(QTreeView(), "queue_table")
        self._buttons = {name: named(QPushButton(), f"queue_{name}_button") for name in _ICONS}
        self._close = named(QToolButton(), "queue_close_button")
        set_role(self._close, "flat")
        set_icon(self._close, "chevron-down", "muted")
        self._build_table()
        self._build_layout()
        self._connect()
        self.retranslate()

    @property
    def selected(self) -> str | None:
        """The id of the selected job."""
        index = self._table.currentIndex()
        return self.model.job_id(index.row()) if index.isValid() else None

    def select(self, job_id: str) -> None:
        """Select a job on the list."""
        row = self._runner.job_ids().index(job_id)
        self._table.setCurrentIndex(self.model.index(row, 0))

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done about the selected job."""
        return [
            ActionSpec("queue_hold", N_("Pause or resume the selected job"), "queue", self._on_hold,
                       is_enabled=self._buttons["hold"].isEnabled, icon="pause"),
            ActionSpec("queue_stop", N_("Stop the selected job"), "queue", self._on_stop,
                       is_enabled=self._buttons["stop"].isEnabled, icon="square"),
            ActionSpec("queue_up", N_("Run the selected job earlier"), "queue", self._on_up, "Alt+Up",
                       owner=self._table, is_enabled=self._buttons["up"].isEnabled, icon="arrow-up"),
            ActionSpec("queue_down", N_("Run the selected job later"), "queue", self._on_down, "Alt+Down",
                       owner=self._table, is_enabled=self._buttons["down"].isEnabled, icon="arrow-down"),
            ActionSpec("queue_remove", N_("Take the selected job off the list"), "queue", self._on_remove, "Del",
                       owner=self._table, is_enabled=self._buttons["remove"].isEnabled, icon="x"),
            ActionSpec("queue_clear", N_("Clear the finished jobs"), "queue", self._on_clear,
                       is_enabled=self._buttons["clear"].isEnabled, icon="check"),
        ]  # fmt: skip

    def retranslate(self) -> None:
        """Take the language in use."""
        self.model.retranslate()
        self._title.setText(_("Jobs"))
        self._table.setAccessibleName(_("Jobs"))
        self._table.header().setAccessibleName(_("Columns of the jobs"))
        texts = {
            "stop": (_("Stop"), _("Stop the selected job; what is finished is kept")),
            "up": (_("Earlier"), _("Let the selected job run earlier")),
            "down": (_("Later"), _("Let the selected job run later")),
            "remove": (_("Remove"), _("Take the selected job off the list; its files stay")),
            "clear": (_("Clear finished"), _("Take every finished job off the list; their files stay")),
        }
        for name, (text, sentence) in texts.items():
            self._buttons[name].setText(text)
            describe(self._buttons[name], sentence)
        describe(self._close, _("Close the list of jobs"))
        self._update_buttons()

    def _build_table(self) -> None:
        table = self._table
        table.setModel(self.model)
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setItemDelegateForColumn(Column.PROGRESS, ProgressDelegate(table))
        table.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        table.setDragDropOverwriteMode(False)
        header = named(table.header(), "queue_header")
        set_role(header, "aligned")
        header.setStretchLastSection(False)
        for column in Column:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def _build_layout(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addStretch(1)
        for name, button in self._buttons.items():
            set_role(button, "chip")
            set_icon(button, _ICONS[name], "muted")
            head.addWidget(button)
        head.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._table, 1)

    def _connect(self) -> None:
        wishes = {"stop": self._on_stop, "hold": self._on_hold, "up": self._on_up, "down": self._on_down,
                  "remove": self._on_remove, "clear": self._on_clear}  # fmt: skip
        for name, wish in wishes.items():
            self._buttons[name].clicked.connect(wish)
        self._close.clicked.connect(self.closed)
        self._table.selectionModel().currentChanged.connect(self._update_buttons)
        self.model.dataChanged.connect(self._update_buttons)
        self.model.modelAboutToBeReset.connect(self._remember)
        self.model.modelReset.connect(self._select_again)
        self._remembered: str | None = None

    @Slot()
    def _remember(self) -> None:
        self._remembered = self.selected

    @Slot()
    def _select_again(self) -> None:
        if self._remembered in self._runner.job_ids():
            self.select(self._remembered)
        self._update_buttons()

    @Slot()
    def _update_buttons(self) -> None:
        job_id = self.selected
        state = self._runner.state(job_id) if job_id else None
        resumes = state is not None and state is not RunState.RUNNING and state in HOLDABLE
        hold, text = self._buttons["hold"], _("Resume") if resumes else _("Pause")
        if hold.text() != text:  # asked ten times a second while a job is at work
            hold.setText(text)
            set_icon(hold, "play" if resumes else "pause", "muted")
            describe(hold, _("Go on with the selected job") if resumes else _("Hold the selected job at its next step"))
        possible = {
            "stop": state in STOPPABLE,
            "hold": state in HOLDABLE,
            "up": state is RunState.QUEUED,
            "down": state is RunState.QUEUED,
            "remove": state is not None and state not in ACTIVE,
            "clear": any(self._runner.state(job) in FINISHED for job in self._runner.job_ids()),
        }
        for name, button in self._buttons.items():
            button.setEnabled(possible[name])

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

    @Slot()
    def _on_clear(self) -> None:
        for job_id in self._runner.job_ids():
            if self._runner.state(job_id) in FINISHED:
                self._runner.remove(job_id)
