"""A line of words, any words, or none."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from sketchdesk.ui.widgets.field import Field


class TextField(Field):
    """A label and a line to type in.

    Signals:
        changed(): Something else is typed.
    """

    changed = Signal()

    def __init__(self, name: str, value: str, parent: QWidget | None = None) -> None:
        self._line = QLineEdit(value)
        super().__init__(name, self._line, parent)
        self._line.textChanged.connect(self._on_text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def value(self) -> str:
        """What is typed, without the spaces around it."""
        return self._line.text().strip()

    def set_value(self, value: str) -> None:
        """Show other words; spaces that are being typed stay."""
        if value != self.value:
            self._line.setText(value)

    def set_placeholder(self, text: str) -> None:
        """Show what an empty field means."""
        self._line.setPlaceholderText(text)

    def retranslate(self) -> None:
        """Take the language in use: what is typed stays."""

    @Slot()
    def _on_text(self) -> None:
        self.changed.emit()
