"""The studies as a list model: those of the data folder, and those the queue is at work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import StudyEntry, entry_of
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.evaluation.studies.progress import StudyWatch
from sketchdesk.ui.evaluation.words import study_title, time_text
from sketchdesk.ui.sentences import state_text
from sketchdesk.workers.runner import JobRunner

ENTRY_ROLE = Qt.ItemDataRole.UserRole
FRACTION_ROLE = Qt.ItemDataRole.UserRole + 1
"""How much is done, 0..1, of one at work; else None."""
NOTE_ROLE = Qt.ItemDataRole.UserRole + 2
"""The second line: state and time."""
STATE_ROLE = Qt.ItemDataRole.UserRole + 3

Index = QModelIndex | QPersistentModelIndex


class StudyList(QAbstractListModel):
    """Newest first. Where a study stands it hears from the runner."""

    def __init__(self, runner: JobRunner, watch: StudyWatch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._watch = watch
        self._entries: list[StudyEntry] = []
        runner.job_added.connect(self._on_added)
        runner.job_state_changed.connect(self._on_state)
        watch.changed.connect(self._on_progress)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of studies."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a row shows."""
        answers: dict[int, Callable[[StudyEntry], Any]] = {
            Qt.ItemDataRole.DisplayRole: title_of,
            Qt.ItemDataRole.ToolTipRole: title_of,
            Qt.ItemDataRole.AccessibleTextRole: self._spoken,
            ENTRY_ROLE: _itself,
            NOTE_ROLE: self._note,
            STATE_ROLE: _state,
            FRACTION_ROLE: self._fraction,
        }
        answer = answers.get(role)
        return answer(self._entries[index.row()]) if answer else None

    def entries(self) -> list[StudyEntry]:
        """Return what is listed."""
        return list(self._entries)

    def row_of(self, run_id: str) -> int | None:
        """Return a study's row, None where it is not listed."""
        return next((row for row, entry in enumerate(self._entries) if entry.run.id == run_id), None)

    def set_entries(self, entries: list[StudyEntry]) -> None:
        """List these, and what was submitted while they were looked for."""
        known = {entry.run.id for entry in entries}
        own = [entry for entry in self._entries if entry.run.id not in known]
        self.beginResetModel()
        self._entries = sorted([*own, *entries], key=lambda entry: entry.run.created, reverse=True)
        self.endResetModel()

    def retranslate(self) -> None:
        """Take the language in use."""
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def _spoken(self, entry: StudyEntry) -> str:
        return f"{title_of(entry)}, {self._note(entry)}"

    def _note(self, entry: StudyEntry) -> str:
        fraction = self._fraction(entry)
        state = state_text(entry.state)
        if entry.state is RunState.RUNNING and fraction is not None:
            return _("{state}, {percent} %").format(state=state, percent=round(100 * fraction))
        return " · ".join(part for part in (state, time_text(entry.run.created)) if part)

    def _fraction(self, entry: StudyEntry) -> float | None:
        progress = self._watch.of(entry.run.id)
        return progress.fraction if progress and entry.state in ACTIVE else None

    @Slot(str)
    def _on_added(self, job_id: str) -> None:
        run = self._runner.run(job_id)
        if not isinstance(run.job, StudyJob | EvaluateJob):
            return
        row = self.row_of(job_id)
        entry = entry_of(run)
        if row is None:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self._entries.insert(0, entry)
            self.endInsertRows()
        else:
            self._replace(row, entry)

    @Slot(str, RunState)
    def _on_state(self, job_id: str, state: RunState) -> None:
        row = self.row_of(job_id)
        if row is not None:
            fresh = entry_of(self._entries[row].run)
            self._replace(row, msgspec.structs.replace(fresh, state=state))

    @Slot(str)
    def _on_progress(self, job_id: str) -> None:
        row = self.row_of(job_id)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _replace(self, row: int, entry: StudyEntry) -> None:
        self._entries[row] = entry
        self.dataChanged.emit(self.index(row), self.index(row))


def _itself(entry: StudyEntry) -> StudyEntry:
    return entry


def _state(entry: StudyEntry) -> RunState:
    return entry.state


def title_of(entry: StudyEntry) -> str:
    """Return how a list calls a study or a scored folder."""
    return study_title(entry.run.job, entry.run.title) if isinstance(entry.run.job, StudyJob | EvaluateJob) else ""
