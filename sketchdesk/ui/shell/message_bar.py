"""One line at the foot of the window that says what just happened."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named


class MessageBar(QFrame):
    """Shows the newest message until it is closed or another one comes; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._icon = named(QLabel(), "message_icon")
        self._text = named(QLabel(), "message_text")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = named(QToolButton(), "message_close_button")
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close)
        self.hide()
        self.retranslate()

    @property
    def text(self) -> str:
        """The message on show, "" for none."""
        return "" if self.isHidden() else self._text.text()

    def show_message(self, message: str, warning: bool = False) -> None:
        """Show a sentence in place of the one before."""
        self._icon.setText("⚠" if warning else "ℹ")
        self._text.setText(message)
        self._text.setAccessibleName(message)
        self.show()

    def retranslate(self) -> None:
        """Take the language in use; a message that is on show stays as it was said."""
        describe(self._close, _("Close the message"))
