"""A column that scrolls up and down, with its bar in the margin: nothing inside moves when the bar appears."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from sketchdesk.ui.naming import named

BAR_PX = 8
"""As wide as the style sheet makes a scroll bar."""


class ColumnScroll(QScrollArea):
    """Scrolls `inside`, whose layout has a right margin of at least BAR_PX, and keeps its width."""

    def __init__(self, name: str, inside: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = inside.layout()
        assert layout is not None
        self._inner = layout
        self._margin_px = layout.contentsMargins().right()
        self.setWidget(inside)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)

    @Slot(int, int)
    def _on_range(self, _least: int, most: int) -> None:
        margins = self._inner.contentsMargins()
        margins.setRight(self._margin_px - BAR_PX if most > 0 else self._margin_px)
        self._inner.setContentsMargins(margins)
