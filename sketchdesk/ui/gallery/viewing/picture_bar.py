"""The bar above pictures that are looked at closely: the way back, what the page has of its own, fit and 100 %."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.gallery.buttons import icon_button
from sketchdesk.ui.gallery.viewing.picture_view import Sight
from sketchdesk.ui.naming import describe
from sketchdesk.ui.theme.manager import set_role


class PictureBar(QFrame):
    """Leads back to the grid, and shows all of what a Sight shows or its own pixels.

    Signals:
        back_pressed(): Back to the grid.
    """

    back_pressed = Signal()

    def __init__(self, name: str, sight: Sight, parent: QWidget | None = None) -> None:
        """`name` begins the buttons' names."""
        super().__init__(parent)
        self.setObjectName(f"{name}_bar")
        set_role(self, "bar")
        self._sight = sight
        self._back = icon_button(f"{name}_back_button", "arrow-left")
        self.fit = icon_button(f"{name}_fit_button", "maximize")
        self.pixels = icon_button(f"{name}_pixels_button", "scan-eye")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(12, 8, 12, 8)
        self._line.setSpacing(8)
        for button in (self._back, self.fit, self.pixels):
            self._line.addWidget(button)
        self._back.clicked.connect(self.back_pressed)
        self.fit.clicked.connect(sight.fit)
        self.pixels.clicked.connect(self._on_pixels)

    def add(self, *widgets: QWidget, stretch: int = 0) -> None:
        """Put widgets before the buttons for fit and 100 %."""
        for widget in widgets:
            self._line.insertWidget(self._line.count() - 2, widget, stretch)

    def add_behind(self, *widgets: QWidget) -> None:
        """Put widgets behind them."""
        for widget in widgets:
            self._line.addWidget(widget)

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self._back, _("Back to the grid (Esc)"))
        describe(self.fit, _("Show the whole picture"))
        describe(self.pixels, _("Show its own pixels, 100 %"))

    @Slot()
    def _on_pixels(self) -> None:
        self._sight.set_scale(1.0)


def under_bar(page: QWidget, bar: PictureBar, body: QWidget) -> None:
    """Lay a page out: the bar, and below it all the room for the body."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(bar)
    layout.addWidget(body, 1)
