"""Small buttons: icons alone, and chips."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QToolButton

from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role


def icon_button(name: str, icon: str, checkable: bool = False) -> QToolButton:
    """Return a flat button with an icon; describe() gives it its words."""
    button = named(QToolButton(), name)
    set_role(button, "flat")
    set_icon(button, icon, "text")
    button.setCheckable(checkable)
    return button


def chip(name: str, icon: str = "", checkable: bool = False) -> QPushButton:
    """Return a round button, with an icon or none."""
    button = named(QPushButton(), name)
    set_role(button, "chip")
    if icon:
        set_icon(button, icon, "text")
    button.setCheckable(checkable)
    return button
