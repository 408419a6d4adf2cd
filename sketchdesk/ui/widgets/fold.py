"""A part of a form that folds away under its heading."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role


class Fold(QWidget):
    """A heading to press, and a body below it; add to `body`.

    Signals:
        toggled(bool): It was opened or closed.
    """

    toggled = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._head = named(QToolButton(), f"{name}_button")
        self._head.setCheckable(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_role(self._head, "fold")
        self._inside = QWidget()
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addWidget(self._head, 1)
        self._help: HelpButton | None = None
        layout.addLayout(self._row)
        layout.addWidget(self._inside)
        self._head.toggled.connect(self._on_toggled)
        self._on_toggled(False)

    @property
    def is_open(self) -> bool:
        """Whether the body is on show."""
        return self._head.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Open or close it."""
        self._head.setChecked(is_open)

    def set_help(self, place: str) -> None:
        """Put a question mark behind the heading that opens the guide at this place, as place_of() reads it."""
        self._help = HelpButton(f"{self.objectName()}_help", place)
        self._row.addWidget(self._help)

    def set_text(self, title: str, sentence: str) -> None:
        """Set the heading, and what the part is for."""
        self._head.setText(title)
        describe(self._head, sentence)
        if self._help:
            self._help.retranslate()

    def _on_toggled(self, is_open: bool) -> None:
        self._inside.setVisible(is_open)
        set_icon(self._head, "chevron-down" if is_open else "chevron-right", "muted")
        self.toggled.emit(is_open)
