"""A small button in a chart's head: what the chart shows is chosen from a menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

SIDE_PX, ICON_PX = 18, 14
"""No higher than a title: the chart keeps its room."""


class MeasurePicker(QToolButton):
    """Opens a menu of what there are numbers of; hidden where that is nothing but what is shown.

    Signals:
        picked(str): The name of what is wanted.
    """

    picked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        set_role(self, "tiny")
        set_icon(self, "chevron-down", "muted")
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setFixedSize(SIDE_PX, SIDE_PX)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = named(QMenu(self), f"{name}_menu")
        self.setMenu(self._menu)
        self._choices: list[tuple[str, str]] = []
        self._current = ""
        self._menu.aboutToShow.connect(self._fill)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("Choose what this chart shows"))

    def set_choices(self, choices: list[tuple[str, str]], current: str) -> None:
        """Offer these (name, title), one of them being on show."""
        self._choices, self._current = choices, current
        self.setVisible(any(name != current for name, _title in choices))

    @Slot()
    def _fill(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        for name, title in self._choices:
            action = self._menu.addAction(title)
            action.setObjectName(f"{self.objectName()}_{name}")
            action.setCheckable(True)
            action.setChecked(name == self._current)
            group.addAction(action)
            action.triggered.connect(partial(self.picked.emit, name))
