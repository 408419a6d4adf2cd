"""A card: a framed part of a page with a title, a note at its right, and what it holds."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role


class Card(QFrame):
    """A frame with a heading; add widgets to `body`, small controls beside the title to `head`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        set_role(self, "card")
        self._title = named(QLabel(), f"{name}_title")
        set_role(self._title, "heading")
        self._note = named(QLabel(), f"{name}_note")
        set_role(self._note, "small")
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(self._title)
        self.head.addStretch(1)
        self.head.addWidget(self._note)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self.head)
        layout.addLayout(self.body, 1)

    def set_text(self, title: str, note: str = "") -> None:
        """Set the title and the note."""
        self._title.setText(title)
        self._note.setText(note)
