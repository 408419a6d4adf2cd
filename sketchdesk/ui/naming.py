"""Every control has a name for tests and style sheets, and one for screen readers."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str) -> W:
    """Give the widget its objectName and return it; retranslate() gives it its accessible name."""
    widget.setObjectName(name)
    return widget


def describe(widget: QWidget, sentence: str) -> None:
    """Tell what the control is for: to screen readers and, as a tooltip, to everyone."""
    widget.setAccessibleName(sentence)
    widget.setToolTip(sentence)
