"""How to draw with less memory: the engine decides, and takes from the start what is ticked here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionButton, QStylePainter, QWidget

from sketchdesk.contracts.jobs import MemorySaving
from sketchdesk.contracts.text import pgettext
from sketchdesk.library.drawing.saving_names import SAVING_NAMES, saving_name
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.giving_button import GivingButton


class MemoryChoice(GivingButton):
    """A button with a menu of ways to tick; with none, all is left to the engine.

    Signals:
        chosen(): Other ways are ticked.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "choice")
        menu = named(QMenu(self), "prompt_memory_menu")
        self._ways: dict[MemorySaving, QAction] = {}
        for way in SAVING_NAMES:
            action = menu.addAction("")
            action.setObjectName(f"prompt_memory_{way}")
            action.setCheckable(True)
            action.triggered.connect(self._on_ticked)
            self._ways[way] = action
        self.setMenu(menu)
        self.retranslate()

    def value(self) -> tuple[MemorySaving, ...]:
        """Return the ways that are ticked, in the order in which the engine takes them."""
        return tuple(way for way, action in self._ways.items() if action.isChecked())

    def set_value(self, ways: tuple[MemorySaving, ...]) -> None:
        """Tick these ways and no others."""
        for way, action in self._ways.items():
            action.setChecked(way in ways)
        self._show()
        self.chosen.emit()

    def retranslate(self) -> None:
        """Take the language in use."""
        for way, action in self._ways.items():
            name = saving_name(way)
            action.setText(name[:1].upper() + name[1:])
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it as a choice: Qt gives text at the left no padding in a button that has a menu."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        option.features &= ~QStyleOptionButton.ButtonFeature.HasMenu
        option.rect = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)

    def _on_ticked(self) -> None:
        self._show()
        self.chosen.emit()

    def _show(self) -> None:
        ways = ", ".join(saving_name(way) for way in self.value()) or pgettext("memory", "automatic")
        self.set_full_text(ways)
        self.setAccessibleDescription(ways)
