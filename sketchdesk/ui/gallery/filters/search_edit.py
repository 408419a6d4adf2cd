"""A search line: a magnifying glass, words, and a way to clear them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.gallery.buttons import icon_button
from sketchdesk.ui.naming import describe
from sketchdesk.ui.theme import icons
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import theme, tokens

ICON_PX = 16
ROOM_PX = 22


class SearchEdit(QLineEdit):
    """A line edit that paints its own icon, in the middle of its height; Esc clears it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextMargins(ROOM_PX, 0, ROOM_PX, 0)
        self._clear = icon_button(f"{name}_clear_button", "x")
        set_icon(self._clear, "x", "muted")
        self._clear.setParent(self)
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Esc does it
        self._clear.setFixedSize(22, 22)
        self._clear.setStyleSheet("min-height: 0; padding: 2px;")
        self._clear.hide()
        self._clear.clicked.connect(self.clear)
        self.textChanged.connect(self._on_text)
        theme().changed.connect(self.update)

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self._clear, _("Clear the search (Esc)"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the line; an empty one leaves it to others."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the clear button at the right."""
        super().resizeEvent(event)
        self._clear.move(self.width() - self._clear.width() - 5, (self.height() - self._clear.height()) // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line and the icon."""
        super().paintEvent(event)
        painter = QPainter(self)
        drawn = icons.pixmap("search", tokens().muted, round(ICON_PX * self.devicePixelRatioF()))
        drawn.setDevicePixelRatio(self.devicePixelRatioF())
        painter.drawPixmap(QPoint(9, (self.height() - ICON_PX) // 2), drawn)
        painter.end()

    def _on_text(self, text: str) -> None:
        self._clear.setVisible(bool(text))
