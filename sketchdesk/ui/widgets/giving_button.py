"""A button that gives way: what does not fit of its text ends in “…”."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

PADDING_PX, ICON_PX, MENU_PX = 13, 24, 20


class GivingButton(QPushButton):
    """A button whose text ends in “…” where there is no room for all of it; its tooltip says what it does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def full_text(self) -> str:
        """The text, whole."""
        return self._full

    def set_full_text(self, text: str) -> None:
        """Say something else."""
        self._full = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        beside = (0 if self.icon().isNull() else ICON_PX) + (MENU_PX if self.menu() else 0)
        room = self.width() - 2 * PADDING_PX - beside
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room))
