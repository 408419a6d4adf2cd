"""The queue as a table: one row a job, refreshed at most ten times a second however fast the events come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)

from sketchdesk.contracts.events import JobEnded, StageChanged, StepDone
from sketchdesk.contracts.jobs import StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.refresh import Refresh
from sketchdesk.ui.sentences import job_icon, job_text, progress_text, state_text
from sketchdesk.ui.theme.icons import icon
from sketchdesk.workers.runner import JobRunner

JOB_ID_ROLE = Qt.ItemDataRole.UserRole
FRACTION_ROLE = Qt.ItemDataRole.UserRole + 1
"""How much of the stage is done (of a study: of all of it), 0..1, or None where it is not known."""

MIME = "application/x-sketchdesk-job"
"""A job that is dragged to another place."""

FINISHED = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELED})

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What stands in which column."""

    TITLE = 0
    STATE = 1
    PROGRESS = 2


@dataclass
class _Progress:
    stage: StageChanged | None = None
    step: StepDone | None = None
    message: str = ""


class QueueModel(QAbstractTableModel):
    """Shows the runner's jobs. It keeps of each only how far it is; where it stands it asks the runner."""

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._ids: list[str] = runner.job_ids()
        self._progress: dict[str, _Progress] = {}
        self._refresh = Refresh(self)
        self._refresh.due.connect(self._show)
        runner.job_added.connect(self._on_rows_changed)
        runner.job_removed.connect(self._on_rows_changed)
        runner.queue_reordered.connect(self._on_rows_changed)
        runner.job_state_changed.connect(self._on_state)
        runner.stage_changed.connect(self._on_stage)
        runner.step_done.connect(self._on_step)
        runner.job_ended.connect(self._on_ended)

    # --- Qt's questions ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of jobs."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (_("Job"), _("State"), _("Progress"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        job_id = self._ids[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(job_id, Column(index.column()))
            case Qt.ItemDataRole.ToolTipRole:
                return self._of(job_id).message or self.title(job_id)
            case Qt.ItemDataRole.DecorationRole if index.column() == Column.TITLE:
                return icon(job_icon(self._runner.run(job_id).job), "muted")
            case x if x == JOB_ID_ROLE:
                return job_id
            case x if x == FRACTION_ROLE:
                return self.fraction(job_id)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A waiting job can be dragged to another place."""
        flags = super().flags(index)
        if not index.isValid():
            return flags | Qt.ItemFlag.ItemIsDropEnabled
        waits = self._runner.state(self._ids[index.row()]) is RunState.QUEUED
        return flags | Qt.ItemFlag.ItemIsDragEnabled if waits else flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Jobs are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Only our own jobs can be dropped."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The job that is dragged."""
        data = QMimeData()
        data.setData(MIME, self._ids[indexes[0].row()].encode() if indexes else b"")
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Give the dropped job its new place. Always False: the runner moves the rows, not the view."""
        job_id = bytes(data.data(MIME).data()).decode(errors="replace")
        if job_id not in self._ids:
            return False
        before = row if row >= 0 else parent.row() if parent.isValid() else len(self._ids)
        lane = self._runner.run(job_id).lane
        ahead = [other for other in self._ids[:before] if other != job_id and self._runner.place(other) is not None]
        self._runner.move(job_id, sum(self._runner.run(other).lane == lane for other in ahead))
        return False

    # --- what a job looks like -----------------------------------------------------------------------------------

    def job_id(self, row: int) -> str:
        """Return the job in a row."""
        return self._ids[row]

    def title(self, job_id: str) -> str:
        """Return what a job does: Train “sketch-lora”."""
        run = self._runner.run(job_id)
        return job_text(run.job, run.title)

    def progress_text(self, job_id: str) -> str:
        """Return how far a job is: its step and the part it belongs to, or that it is paused."""
        progress, state = self._of(job_id), self._runner.state(job_id)
        if state not in ACTIVE:
            return ""
        if state is not RunState.RUNNING:
            return state_text(state)
        return progress_text(progress.stage, progress.step, isinstance(self._runner.run(job_id).job, StudyJob))

    def fraction(self, job_id: str) -> float | None:
        """Return how much of the stage is done (of a study: of all of it), 0..1, None where it is not known."""
        state, progress = self._runner.state(job_id), self._of(job_id)
        if state is RunState.DONE:
            return 1.0
        step, stage = progress.step, progress.stage
        if state not in ACTIVE or not step or not step.total:
            return None
        done = min(1.0, step.step / step.total)
        if stage and isinstance(self._runner.run(job_id).job, StudyJob):
            return (stage.index + done) / max(stage.total, 1)
        return done

    def retranslate(self) -> None:
        """Take the language in use."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self._show(set(self._ids))

    def _of(self, job_id: str) -> _Progress:
        return self._progress.setdefault(job_id, _Progress())

    def _text(self, job_id: str, column: Column) -> str:
        match column:
            case Column.TITLE:
                return self.title(job_id)
            case Column.STATE:
                state, message = state_text(self._runner.state(job_id)), self._of(job_id).message
                return f"{state} – {message}" if message else state
            case Column.PROGRESS:
                return self.progress_text(job_id)

    # --- what the runner tells -----------------------------------------------------------------------------------

    @Slot()
    @Slot(str)
    def _on_rows_changed(self, _job_id: str = "") -> None:
        self.beginResetModel()
        self._ids = self._runner.job_ids()
        self._progress = {job_id: self._progress[job_id] for job_id in self._ids if job_id in self._progress}
        self._refresh.clear()
        self.endResetModel()

    @Slot(str, RunState)
    def _on_state(self, job_id: str, state: RunState) -> None:
        if state is RunState.QUEUED:
            # Taken up again, and last in the queue now.
            self._progress.pop(job_id, None)
            self._on_rows_changed()
        self._refresh.touch(job_id)

    @Slot(StageChanged)
    def _on_stage(self, event: StageChanged) -> None:
        progress = self._of(event.job_id)
        progress.stage, progress.step = event, None  # the next stage counts from the start
        self._refresh.touch(event.job_id)

    @Slot(StepDone)
    def _on_step(self, event: StepDone) -> None:
        self._of(event.job_id).step = event
        self._refresh.touch(event.job_id)

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        self._of(event.job_id).message = event.message
        self._refresh.touch(event.job_id)

    @Slot(object)
    def _show(self, job_ids: set[str]) -> None:
        for job_id in job_ids.intersection(self._ids):
            row = self._ids.index(job_id)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))
