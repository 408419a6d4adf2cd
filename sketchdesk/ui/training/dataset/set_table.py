"""The pictures of a data set as a table: thumbnail, caption to be edited, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor

from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.captions import Edit
from sketchdesk.library.dataset.flaws import ABOUT, Finding, Flaw
from sketchdesk.library.dataset.survey import Survey
from sketchdesk.ui.theme.manager import tokens
from sketchdesk.ui.training.dataset.set_pictures import SetPictures

Index = QModelIndex | QPersistentModelIndex
PICTURE, NAME, CAPTION, FOUND = range(4)
THUMB_PX = 48


@dataclass(frozen=True)
class Row:
    """A picture, or a row of the set that is none, and what is said of it."""

    key: str
    own: str | None
    """The set's own caption."""
    is_item: bool = True


class SetTable(QAbstractTableModel):
    """Rows of a set; captions edited in it are told, and kept by whoever hears it.

    Signals:
        edited(dict): Key → Edit, or None for a caption that is the set's own again.
    """

    edited = Signal(object)

    def __init__(self, pictures: SetPictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._survey: Survey | None = None
        self._edits: dict[str, Edit] = {}
        self._findings: tuple[Finding, ...] = ()
        self._found: dict[str, list[Finding]] = {}
        self._flaw: Flaw | None = None
        self._rows: list[Row] = []
        self._places: dict[str, int] = {}
        pictures.arrived.connect(self._on_arrived)

    def set_survey(self, survey: Survey) -> None:
        """Show another set, all of it."""
        self._survey = survey
        self._edits = dict(survey.edits.edits)
        self._find(survey.report.findings)
        self.show_flaw(None)

    def show_flaw(self, flaw: Flaw | None) -> None:
        """Show the rows with this flaw, or all pictures."""
        self.beginResetModel()
        self._flaw = flaw
        self._rows = self._rows_of(flaw)
        self._places = {row.key: place for place, row in enumerate(self._rows)}
        self.endResetModel()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Say of the rows that are shown what is found now; they stay, even where nothing is found any more."""
        self._find(findings)
        if self._rows:  # of a large set comparing all rows would take longer than painting those in sight
            self.dataChanged.emit(self.index(0, FOUND), self.index(len(self._rows) - 1, FOUND))

    def _find(self, findings: Sequence[Finding]) -> None:
        self._findings, self._found = tuple(findings), {}
        for each in findings:
            self._found.setdefault(each.key, []).append(each)

    def _rows_of(self, flaw: Flaw | None) -> list[Row]:
        own = {item.key: item.caption for item in self._survey.items} if self._survey else {}
        if flaw is None:
            return [Row(key, caption) for key, caption in own.items()]
        keys = dict.fromkeys(each.key for each in self._findings if each.flaw is flaw)
        return [Row(key, own.get(key), key in own) for key in keys]

    def _found_text(self, key: str) -> str:
        """Return what is found: of all pictures which flaws, of those with one flaw its details."""
        found = self._found.get(key, ())
        if self._flaw is None:
            return ", ".join(_(ABOUT[each.flaw].title) for each in found)
        return ", ".join(each.detail or _(ABOUT[each.flaw].title) for each in found if each.flaw is self._flaw)

    def row(self, place: int) -> Row:
        """Return a row."""
        return self._rows[place]

    def own_again(self, places: Sequence[int]) -> None:
        """Give the pictures in these rows the set's own captions back."""
        self._change({self._rows[place].key: None for place in places if self._rows[place].key in self._edits})

    def has_edits(self, places: Sequence[int]) -> bool:
        """Tell whether a caption in these rows was edited."""
        return any(self._rows[place].key in self._edits for place in places)

    def without_caption(self) -> int:
        """How many pictures of the set have no words, neither its own nor edited ones, whatever rows are shown."""
        items = self._survey.items if self._survey else ()
        return sum(item.key not in self._edits and not (item.caption or "").strip() for item in items)

    def take(self, changes: Mapping[str, Edit | None]) -> None:
        """Show captions that were changed elsewhere; nothing is told of it."""
        for key, edit in changes.items():
            self._edits.pop(key, None)
            if edit is not None:
                self._edits[key] = edit
            if (place := self._places.get(key)) is not None:  # no others: one of them may be open, being edited
                self.dataChanged.emit(self.index(place, CAPTION), self.index(place, CAPTION))

    def _change(self, changes: dict[str, Edit | None]) -> None:
        self.take(changes)
        if changes:
            self.edited.emit(changes)

    # --- Qt's own ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Picture, name, caption, what was found."""
        return 0 if parent.isValid() else FOUND + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("", _("File"), _("Caption"), _("Found"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Captions of pictures can be edited."""
        flags = super().flags(index)
        can = index.column() == CAPTION and self._rows[index.row()].is_item
        return flags | Qt.ItemFlag.ItemIsEditable if can else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        row, column = self._rows[index.row()], index.column()
        edit = self._edits.get(row.key)
        if role == Qt.ItemDataRole.DecorationRole and column == PICTURE and row.is_item:
            found = self._pictures.of(row.key)
            if found is None or found.isNull():
                return None
            size, smooth = QSize(THUMB_PX, THUMB_PX), Qt.TransformationMode.SmoothTransformation
            return found.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.EditRole):
            caption = edit.caption if edit else row.own or ""
            name = row.key if role == Qt.ItemDataRole.ToolTipRole else shown_name(row.key)
            return ("", name, caption, self._found_text(row.key))[column]
        if role == Qt.ItemDataRole.ForegroundRole and column == CAPTION and edit:
            return QColor(tokens().accent)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Edit a caption; the set's own text takes the edit back."""
        if role != Qt.ItemDataRole.EditRole or index.column() != CAPTION:
            return False
        row, text = self._rows[index.row()], " ".join(str(value).split())
        if text == self.data(index, Qt.ItemDataRole.EditRole):
            return False
        self._change({row.key: None if text == (row.own or "") else Edit(text)})
        return True

    @Slot()
    def _on_arrived(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, PICTURE)
            self.dataChanged.emit(self.index(0, PICTURE), last, [Qt.ItemDataRole.DecorationRole])


def shown_name(key: str) -> str:
    """Return what a picture is called in a row: without the folders of a list's whole paths, which fill it up."""
    return Path(key).name if Path(key).is_absolute() else key
