"""Everything that can be done, as data: the menus, the command palette and the help are three views of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QWidget

MenuName = Literal["file", "edit", "view", "draw", "image", "train", "study", "queue", "help"]


@dataclass(frozen=True)
class ActionSpec:
    """One action. The main window makes a QAction of it."""

    name: str
    """Its objectName is this with "_action" after it."""
    text: str
    """In English, marked with N_; without "&" and "…" it is also what the palette finds."""
    menu: MenuName
    run: Callable[[], object]
    shortcut: str = ""
    """As QKeySequence's portable text: "Ctrl+Return", "Del", "."."""
    icon: str = ""
    owner: QWidget | None = None
    """Where the shortcut counts: this widget and those in it; None: in the whole window."""
    is_enabled: Callable[[], bool] | None = None
    """Asked when a menu or the palette opens; None: always."""
    is_checked: Callable[[], bool] | None = None
    """For an action that is on or off."""
