"""A list of rows that come and go: a button adds one, each has a button that takes it out, some always stay."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QToolButton, QVBoxLayout, QWidget

from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

V = TypeVar("V")


class Row(QFrame, Generic[V]):
    """One row; a subclass lays it out, with `remove_button` where it belongs, and has its value.

    Signals:
        changed(): Something else is chosen or written.
        removed(): The row is not wanted.
    """

    changed = Signal()
    removed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.remove_button = named(QToolButton(), f"{name}_remove")
        set_icon(self.remove_button, "x", "muted")
        set_role(self.remove_button, "flat")
        self.remove_button.clicked.connect(self.removed)

    def value(self) -> V:
        """Return what the row says."""
        raise NotImplementedError

    def set_value(self, value: V) -> None:
        """Show a value."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Take the language in use."""
        raise NotImplementedError


class RowList(QWidget, Generic[V]):
    """Between `least` and `most` rows under each other; a subclass makes them.

    Signals:
        changed(): Something else is in a row, or there is another number of them.
    """

    changed = Signal()

    def __init__(self, name: str, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self._rows: list[Any] = []
        self.add_button = named(QPushButton(), f"{name}_add")
        set_role(self.add_button, "link")
        set_icon(self.add_button, "plus", "accent")
        self.add_button.clicked.connect(self._on_add)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def make_row(self, number: int) -> Row[V]:
        """Return a new row, the number counted from 0."""
        raise NotImplementedError

    def blank(self) -> V:
        """Return the value of a row that is only there because there must be one."""
        raise NotImplementedError

    def proposal(self) -> V:
        """Return the value of a row that is asked for."""
        return self.blank()

    def value(self) -> tuple[V, ...]:
        """Return what the rows say."""
        return tuple(row.value() for row in self._rows)

    def set_value(self, values: Sequence[V]) -> None:
        """Show these, in at least `least` rows."""
        wanted = list(values)
        while len(wanted) < self._least:
            wanted.append(self.blank())
        while len(self._rows) > len(wanted):
            self._drop()
        while len(self._rows) < len(wanted):
            self._append()
        for row, value in zip(self._rows, wanted, strict=True):
            row.set_value(value)
        self._settle()

    def retranslate(self) -> None:
        """Take the language in use."""
        for row in self._rows:
            row.retranslate()

    def _append(self) -> None:
        row = self.make_row(len(self._rows))
        row.retranslate()
        row.changed.connect(self.changed)
        row.removed.connect(self._on_removed)
        self._layout.insertWidget(len(self._rows), row)
        self._rows.append(row)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Let the Tab key go from row to row; one that is added would else come after everything in the form."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        parts = [part for row in self._rows for part in row.findChildren(QWidget, options=direct)]
        stops = [part for part in parts if part.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for before, after in pairwise([*stops, self.add_button]):
            QWidget.setTabOrder(before, after)

    def _drop(self) -> None:
        row = self._rows.pop()
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _settle(self) -> None:
        for row in self._rows:
            row.remove_button.setVisible(len(self._rows) > self._least)
        self.add_button.setEnabled(len(self._rows) < self._most)
        self.changed.emit()

    @Slot()
    def _on_add(self) -> None:
        self.set_value((*self.value(), self.proposal()))

    @Slot()
    def _on_removed(self) -> None:
        self.set_value([row.value() for row in self._rows if row is not self.sender()])
