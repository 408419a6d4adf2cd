"""A box to tick, with a reason or a remark below it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from sketchdesk.ui.naming import describe
from sketchdesk.ui.widgets.field import Field


class CheckField(Field):
    """A field whose label stands beside its box.

    Signals:
        changed(): It was ticked or unticked.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._box = QCheckBox()
        super().__init__(name, self._box, parent)
        self._label.hide()
        # A long text is cut off rather than widening the form; the tooltip says more.
        self._box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._box.toggled.connect(self.changed)

    @property
    def value(self) -> bool:
        """Whether it is ticked."""
        return self._box.isChecked()

    def set_value(self, is_on: bool) -> None:
        """Tick or untick it."""
        self._box.setChecked(is_on)

    def set_text(self, label: str, sentence: str) -> None:
        """Set the text beside the box, and the sentence that tells what it is for."""
        self._box.setText(label)
        describe(self._box, sentence)
