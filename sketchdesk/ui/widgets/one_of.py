"""Two controls of which one is shown at a time: what begins something, and what stops it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def show_one_of(first: QWidget, second: QWidget, is_second: bool) -> None:
    """Show the first or the second in the other's place. The keyboard goes along, and not to whatever comes next."""
    shown, hidden = (second, first) if is_second else (first, second)
    shown.show()
    if hidden.window().focusWidget() is hidden:
        shown.setFocus()
    hidden.hide()
