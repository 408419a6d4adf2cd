"""The window opens as it was left: size, pages, splitters, zoom."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from sketchdesk.library.window_state import PanelState, load_window_state, save_window_state
from sketchdesk.ui.geometry import geometry_text, restore_geometry


class Remembers(Protocol):
    """A part that can say how it stands and stand so again."""

    def save_state(self) -> dict[str, Any]:
        """Return how it stands."""

    def restore_state(self, state: dict[str, Any]) -> None:
        """Stand so again; what makes no sense is passed over."""


class WindowMemory:
    """Saves and restores the parts of one window, by name; "window" is its own geometry."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._parts: dict[str, Remembers] = {}
        self._found = load_window_state()
        self.notes: PanelState = self._found.get("notes", {})
        """What is noted beside: whether the welcome should stay away."""

    def add(self, name: str, part: Remembers) -> None:
        """Take in a part, and bring it back to how it stood."""
        self._parts[name] = part
        if name in self._found:
            part.restore_state(self._found[name])

    def restore_geometry(self) -> bool:
        """Bring the window back to its size and place; False where none was remembered."""
        return restore_geometry(self._window, self._found.get("window", {}).get("geometry"))

    def save(self) -> None:
        """Note how everything stands; a part that was never made keeps what was remembered of it."""
        state = {name: part.save_state() for name, part in self._parts.items()}
        own = {"window": {"geometry": geometry_text(self._window)}, "notes": self.notes}
        save_window_state(self._found | state | own)
