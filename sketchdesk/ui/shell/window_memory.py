"""The window opens as it was left: size, pages, splitters, zoom."""

from __future__ import annotations

import base64
import binascii
from typing import Protocol

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from sketchdesk.library.window_state import PanelState, load_window_state, save_window_state


class Remembers(Protocol):
    """A part that can say how it stands and stand so again."""

    def save_state(self) -> PanelState:
        """Return how it stands."""

    def restore_state(self, state: PanelState) -> None:
        """Stand so again; what makes no sense is passed over."""


class WindowMemory:
    """Saves and restores the parts of one window, by name; "window" is its own geometry."""

    def __init__(self, window: QWidget, parts: dict[str, Remembers]) -> None:
        self._window = window
        self._parts = parts
        self.notes: PanelState = {}
        """What the window itself notes: whether the welcome should stay away."""

    def restore(self) -> bool:
        """Bring everything back; False where nothing was remembered of the geometry."""
        found = load_window_state()
        self.notes = found.get("notes", {})
        for name, part in self._parts.items():
            if name in found:
                part.restore_state(found[name])
        geometry = found.get("window", {}).get("geometry")
        try:
            data = base64.b64decode(geometry) if isinstance(geometry, str) else b""
        except (binascii.Error, ValueError):
            return False
        return bool(data) and self._window.restoreGeometry(QByteArray(data))

    def save(self) -> None:
        """Note how everything stands."""
        state = {name: part.save_state() for name, part in self._parts.items()}
        geometry = base64.b64encode(self._window.saveGeometry().data()).decode()
        save_window_state(state | {"window": {"geometry": geometry}, "notes": self.notes})
