"""Files that are added to the model, one row each; what LoRAs and learnt words have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sketchdesk.ui.prompt.added_row import AddedRow, take_out


class AddedRows(QWidget):
    """One row a file; hidden while there is none. A subclass makes the rows and has their value.

    Signals:
        changed(): A file was added or taken out, or counts otherwise.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.rows: list[AddedRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.hide()

    def paths(self) -> tuple[str, ...]:
        """Return the files in their order."""
        return tuple(row.path for row in self.rows)

    def show_rows(self, rows: Sequence[AddedRow]) -> None:
        """Show these rows in place of all others."""
        for row in self.rows:
            take_out(row)
        self.rows = list(rows)
        for row in self.rows:
            self._layout.addWidget(row)
        self.setVisible(bool(self.rows))
        self.changed.emit()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Say at each row why its file cannot be used, by its path."""
        for row in self.rows:
            row.set_problem(problems.get(row.path, ""))

    def has_problem(self) -> bool:
        """Tell whether a file cannot be used."""
        return any(row.problem for row in self.rows)
