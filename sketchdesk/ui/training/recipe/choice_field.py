"""A choice of a few values, each with its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox

Words = str | Callable[[], str]
"""What a value is called: marked with N_, or what returns it where the English has several meanings."""


def _in_use(words: Words) -> str:
    return _(words) if isinstance(words, str) else words()


class ChoiceField(Field):
    """A label and a box to choose from.

    Signals:
        changed(): Something else is chosen.
    """

    changed = Signal()

    def __init__(self, name: str, choices: Mapping[str, Words], parent: QWidget | None = None) -> None:
        """Offer the values of `choices`, shown by its words."""
        self._combo = ComboBox()
        super().__init__(name, self._combo, parent)
        self._choices: dict[str, Words] = {}
        self.set_choices(choices)
        self._combo.currentIndexChanged.connect(self._on_changed)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def value(self) -> str:
        """The value that is chosen."""
        return str(self._combo.currentData())

    def set_value(self, value: str) -> None:
        """Choose a value; one that was not offered is added as it is."""
        place = self._combo.findData(value)
        if place < 0:
            self._choices[value] = value
            self._combo.addItem(value, value)
            place = self._combo.count() - 1
        self._combo.setCurrentIndex(place)

    def set_choices(self, choices: Mapping[str, Words]) -> None:
        """Offer others; what is chosen stays."""
        chosen = self.value if self._combo.count() else None
        self._choices = dict(choices)
        self._combo.blockSignals(True)
        self._combo.clear()
        for value, words in self._choices.items():
            self._combo.addItem(_in_use(words), value)
        if chosen is not None:
            self.set_value(chosen)
        self._combo.blockSignals(False)

    def retranslate(self) -> None:
        """Take the language in use."""
        for place in range(self._combo.count()):
            self._combo.setItemText(place, _in_use(self._choices[self._combo.itemData(place)]))

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()
