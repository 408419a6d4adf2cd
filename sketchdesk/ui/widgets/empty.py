"""What a page shows while it has nothing: what it is for, and the one button that fills it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import show_pixmap
from sketchdesk.ui.theme.manager import set_role, theme, tokens

ICON_PX = 48


class EmptyState(QWidget):
    """An icon, a title, a sentence and perhaps a button, in the middle of the page.

    Signals:
        pressed(): The button was.
    """

    pressed = Signal()

    def __init__(self, name: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._icon_name = icon
        self._icon = named(QLabel(), f"{name}_icon")
        self._title = named(QLabel(), f"{name}_title")
        self._sentence = named(QLabel(), f"{name}_sentence")
        self._button = named(QPushButton(), f"{name}_button")
        set_role(self._title, "title")
        set_role(self._sentence, "muted")
        set_role(self._button, "primary")
        self._sentence.setWordWrap(True)
        self._sentence.setMaximumWidth(460)
        self._sentence.setMinimumWidth(300)
        self._button.clicked.connect(self.pressed)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(1)
        for widget in (self._icon, self._title, self._sentence, self._button):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            if widget is self._sentence:
                layout.addLayout(_centred(widget))  # an alignment would take its height for width away
            else:
                layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        theme().changed.connect(self._paint_icon)
        self._paint_icon()

    def set_text(self, title: str, sentence: str, button: str = "", button_sentence: str = "") -> None:
        """Set what is said; without a button's text there is no button."""
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        describe(self._button, button_sentence or button or title)

    def _paint_icon(self) -> None:
        show_pixmap(self._icon, self._icon_name, tokens().muted, ICON_PX)


def _centred(widget: QWidget) -> QHBoxLayout:
    """Return a row with the widget in its middle, as wide as it may be."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget, 1000)
    row.addStretch(1)
    return row
