"""A chip that says what is chosen and opens a menu of what else there is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role

WIDEST_PX = 220
"""Of the text on the chip; the menu and the tooltip have it all."""
MOST = 200
"""So many are offered; the search finds the rest."""


class ChoiceChip(QPushButton):
    """One of several values; the first of them is the usual one, and any other makes the chip stand out.

    Signals:
        chosen(str): The person chose this value.
    """

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        set_role(self, "chip")
        self.menu_ = named(QMenu(self), f"{name}_menu")
        self._group = QActionGroup(self)
        self._value = ""
        self._choices: dict[str, str] = {}
        self._label = ""
        self.setMenu(self.menu_)
        self._group.triggered.connect(self._on_triggered)

    def value(self) -> str:
        """Return what is chosen."""
        return self._value

    def set_value(self, value: str) -> None:
        """Choose without telling; a value that is not offered is shown all the same."""
        self._value = value
        for action in self._group.actions():
            action.setChecked(action.data() == value)
        self._show()

    def set_choices(self, label: str, sentence: str, choices: Sequence[tuple[str, str]]) -> None:
        """Offer values with their texts; `label` stands before the chosen one's, `sentence` tells what it is for."""
        wanted = dict(choices[:MOST])
        if (label, list(wanted.items())) != (self._label, list(self._choices.items())):
            self._label, self._choices = label, wanted
            self._fill()
        self._show()
        describe(self, f"{sentence} ({self._shown()})")

    def _fill(self) -> None:
        for action in self._group.actions():
            self._group.removeAction(action)
            self.menu_.removeAction(action)
            action.deleteLater()
        first = next(iter(self.menu_.actions()), None)
        for value, text in self._choices.items():
            action = QAction(text.replace("&", "&&"), self.menu_, checkable=True)
            action.setData(value)
            action.setChecked(value == self._value)
            self._group.addAction(action)
            if first is None:
                self.menu_.addAction(action)
            else:
                self.menu_.insertAction(first, action)

    def _shown(self) -> str:
        return self._choices.get(self._value, self._value)

    def _show(self) -> None:
        text = f"{self._label}: {self._shown()}" if self._label else self._shown()
        elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, WIDEST_PX)
        self.setText(elided.replace("&", "&&"))
        usual = next(iter(self._choices), self._value)
        chosen = "false" if self._value == usual else "true"
        if self.property("chosen") != chosen:  # the style sheet is asked anew only then: it takes its time
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def _on_triggered(self, action: QAction) -> None:
        self.set_value(str(action.data()))
        self.chosen.emit(self._value)
