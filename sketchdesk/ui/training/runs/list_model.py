"""The trainings on disk as a list that can be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.training.train_runs import Training
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.sentences import state_text

TRAINING_ROLE = Qt.ItemDataRole.UserRole
COLOUR_ROLE = Qt.ItemDataRole.UserRole + 1
"""The place of its colour in the charts, or None while it is not in them."""

Index = QModelIndex | QPersistentModelIndex


class RunListModel(QAbstractListModel):
    """Shows trainings, the newest first; those ticked are laid over the one that is selected.

    Signals:
        ticked(): Others are ticked now.
    """

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trainings: list[Training] = []
        self._ticked: list[str] = []
        self._places: dict[str, int] = {}

    @property
    def trainings(self) -> list[Training]:
        """The trainings, in the order of the rows."""
        return list(self._trainings)

    @property
    def ticked_ids(self) -> list[str]:
        """The ticked runs, in the order in which they were."""
        return list(self._ticked)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of trainings."""
        return 0 if parent.isValid() else len(self._trainings)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every row can be selected and ticked."""
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a row is about."""
        training = self._trainings[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return training.run.title
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if training.run.id in self._ticked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return f"{training.run.title}\n{state_text(training.state)} · {summary_text(training)}"
        if role == TRAINING_ROLE:
            return training
        return self._places.get(training.run.id) if role == COLOUR_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick a row."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        run_id = self._trainings[index.row()].run.id
        self._ticked = [each for each in self._ticked if each != run_id]
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self._ticked.append(run_id)
        self.dataChanged.emit(index, index)
        self.ticked.emit()
        return True

    def row_of(self, run_id: str) -> int | None:
        """Return the row of a run, or None."""
        return next((row for row, each in enumerate(self._trainings) if each.run.id == run_id), None)

    def training(self, run_id: str) -> Training | None:
        """Return a training by its run's id, or None."""
        row = self.row_of(run_id)
        return None if row is None else self._trainings[row]

    def set_trainings(self, trainings: Sequence[Training]) -> None:
        """Show these; rows that stay keep their selection and their tick."""
        if [each.run.id for each in trainings] == [each.run.id for each in self._trainings]:
            for training in trainings:
                self.update(training)
            return
        self.layoutAboutToBeChanged.emit()
        kept = {index: self._trainings[index.row()].run.id for index in self.persistentIndexList()}
        self._trainings = list(trainings)
        ids = {each.run.id for each in self._trainings}
        self._ticked = [run_id for run_id in self._ticked if run_id in ids]
        for index, run_id in kept.items():
            row = self.row_of(run_id)
            self.changePersistentIndex(index, QModelIndex() if row is None else self.index(row))
        self.layoutChanged.emit()

    def update(self, training: Training) -> None:
        """Show what is new of one training; of one that is not in the list nothing happens."""
        row = self.row_of(training.run.id)
        if row is not None and self._trainings[row] != training:
            self._trainings[row] = training
            self.dataChanged.emit(self.index(row), self.index(row))

    def set_colours(self, run_ids: Sequence[str]) -> None:
        """Say which runs are in the charts, in the order of their colours."""
        self._places = {run_id: place for place, run_id in enumerate(run_ids)}
        if self._trainings:
            self.dataChanged.emit(self.index(0), self.index(len(self._trainings) - 1))

    def retranslate(self) -> None:
        """Take the language in use."""
        if self._trainings:
            self.dataChanged.emit(self.index(0), self.index(len(self._trainings) - 1))


def summary_text(training: Training) -> str:
    """Return how far it came, its loss and its day: 212 / 600 · loss 0.164 · 21 Nov."""
    parts = [f"{number_text(training.step)} / {number_text(training.total)}"]
    if training.loss is not None:
        parts.append(_("loss {loss}").format(loss=number_text(training.loss, 3)))
    return " · ".join([*parts, date_text(training.run.created)])


def date_text(created: str) -> str:
    """Return the day of an ISO time, or its hour if it was today."""
    moment = QDateTime.fromString(created, Qt.DateFormat.ISODate).toLocalTime()
    if not moment.isValid():
        return created[:10]
    today = moment.date() == QDateTime.currentDateTime().date()
    return QLocale().toString(moment, "HH:mm" if today else "d MMM")
