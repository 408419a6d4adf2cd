"""A choice as a card: its name, and below it in whole sentences what it is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role


class ChoiceCard(QPushButton):
    """A button that can be chosen, as high as its texts need; a click chooses it and never takes the choice back."""

    def __init__(self, name: str, width_px: int, lines: int = 1, parent: QWidget | None = None) -> None:
        """`width_px` is how wide it wants to be, `lines` how many texts stand below its title."""
        super().__init__(parent)
        named(self, name).setCheckable(True)
        set_role(self, "suggestion")
        self._width_px = width_px
        self._title, self._lines = QLabel(), [QLabel() for _line in range(lines)]
        set_role(self._title, "heading")
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(2)
        for label in self._lines:
            label.setWordWrap(True)
            set_role(label, "muted")
        for label in (self._title, *self._lines):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.clicked.connect(self._on_clicked)

    def set_texts(self, title: str, *lines: str) -> None:
        """Set its name, and what stands below."""
        self._title.setText(title)
        for label, text in zip(self._lines, lines, strict=True):
            label.setText(text)
        describe(self, f"{title}: {lines[0]}")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As much as the texts need, wrapped where they are longer than a card is wide."""
        return QSize(self._width_px, self._column.heightForWidth(self._width_px))

    def minimumSizeHint(self) -> QSize:
        """No text may be cut off."""
        return self.sizeHint()

    def _on_clicked(self) -> None:
        self.setChecked(True)
