"""The models as a table: one row a model, one column a fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.families import family_title
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.uses import Uses, short_name, uses_of
from sketchdesk.ui.numbers import number_text, size_text
from sketchdesk.ui.theme.icons import icon
from sketchdesk.ui.theme.manager import tokens

ENTRY_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1

ORIGINS = {
    "shipped": N_("came with SketchDesk"), "own": N_("your own"), "linked": N_("elsewhere on this computer"),
    "cache": N_("another program's"),
}  # fmt: skip
FAMILIES = {"stable_diffusion": "Stable Diffusion", "instaflow": "InstaFlow", "clip": "CLIP", "blip": "BLIP",
            "lora": "LoRA"}  # fmt: skip
"""Names that are the same in every language."""

DRAWING = {"stable_diffusion", "instaflow"}
"""Families that draw; the others score, caption or adapt."""

_HEADERS = (
    N_("Name"), N_("Kind"), N_("Where from"), N_("Size"), N_("Licence"), N_("Predicts"), N_("Precision"), N_("Used in"),
)  # fmt: skip
_PREDICTIONS = {
    "epsilon": N_("noise"), "ddim_eps": N_("noise"), "diff_eps": N_("noise"), "v_prediction": N_("velocity"),
    "velocity": N_("velocity"),
}  # fmt: skip

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What stands in which column."""

    NAME = 0
    FAMILY = 1
    ORIGIN = 2
    SIZE = 3
    LICENCE = 4
    PREDICTION = 5
    PRECISION = 6
    USES = 7


class ModelTable(QAbstractTableModel):
    """Shows what the library found; `set_models` replaces everything."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[ModelEntry, ...] = ()
        self._uses: Uses = {}

    def set_models(self, entries: Sequence[ModelEntry]) -> None:
        """Show these models."""
        self.beginResetModel()
        self._entries = tuple(entries)
        self.endResetModel()

    def set_uses(self, uses: Uses) -> None:
        """Show in which runs they are used."""
        self._uses = uses
        if self._entries:
            self.dataChanged.emit(self.index(0, Column.USES), self.index(len(self._entries) - 1, Column.USES))

    def entry(self, row: int) -> ModelEntry:
        """Return the model in a row."""
        return self._entries[row]

    def row_of(self, name: str) -> int:
        """Return a model's row, -1 for one that is not there."""
        return next((row for row, entry in enumerate(self._entries) if entry.name == name), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of models."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _(_HEADERS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        entry, column = self._entries[index.row()], Column(index.column())
        tell = _BY_ROLE.get(role)
        if role in (Qt.ItemDataRole.DisplayRole, SORT_ROLE):
            return self._fact(entry, column)[0 if role == Qt.ItemDataRole.DisplayRole else 1]
        return tell(entry, column) if tell else None

    def retranslate(self) -> None:
        """Take the language in use."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        if self._entries:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._entries) - 1, len(Column) - 1))

    def _fact(self, entry: ModelEntry, column: Column) -> tuple[str, Any]:
        """Return what a cell says, and what it is sorted by."""
        if column is Column.SIZE:
            return size_text(entry.size_bytes), entry.size_bytes
        if column is Column.USES:
            count = len(uses_of(entry, self._uses))
            return number_text(count), count
        prediction = entry.prediction_type or ""
        texts = {
            Column.NAME: short_name(entry),
            Column.FAMILY: family_text(entry),
            Column.ORIGIN: _(ORIGINS[entry.origin]),
            Column.LICENCE: entry.licence,
            Column.PRECISION: entry.precision,
            Column.PREDICTION: _(_PREDICTIONS[prediction]) if prediction in _PREDICTIONS else prediction,
        }
        return texts[column] or "–", texts[column].casefold()


def family_text(entry: ModelEntry) -> str:
    """Return what kind of model it is, in the words of those who use it."""
    return family_title(entry.variant) or FAMILIES.get(entry.family, entry.family.replace("_", " "))


def _tip(entry: ModelEntry, column: Column) -> str | None:
    return entry.problem or (str(entry.path) if column is Column.NAME else None)


def _icon(entry: ModelEntry, column: Column) -> QIcon | None:
    if column is not Column.NAME:
        return None
    return icon("triangle-alert", "warning") if entry.problem else icon("box", "muted")


def _colour(_entry: ModelEntry, column: Column) -> QColor | None:
    return None if column is Column.NAME else QColor(tokens().muted)


def _alignment(column: int) -> Qt.AlignmentFlag:
    right = column in (Column.SIZE, Column.USES)
    return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


_BY_ROLE: dict[int, Callable[[ModelEntry, Column], Any]] = {
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.DecorationRole: _icon,
    Qt.ItemDataRole.TextAlignmentRole: lambda _entry, column: _alignment(column),
    Qt.ItemDataRole.ForegroundRole: _colour,
    ENTRY_ROLE: lambda entry, _column: entry,
}
