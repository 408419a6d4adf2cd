"""How every dialog is laid out: the same margins, its parts below each other, its buttons at the foot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

Part = QWidget | QLayout


def fill_dialog(dialog: QDialog, parts: Sequence[Part], foot: QLayout, grows: Part | None = None) -> QVBoxLayout:
    """Lay the parts out below each other, with `foot` below them; `grows` takes the room that is left.

    Where nothing grows, the room is left above the foot. Returns the dialog's layout.
    """
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(24, 24, 24, 24)
    layout.setSpacing(16)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part, 1 if part is grows else 0)
        else:
            layout.addLayout(part, 1 if part is grows else 0)
    if grows is None:
        layout.addStretch(1)
    layout.addSpacing(8)
    layout.addLayout(foot)
    return layout


def foot_row(left: Sequence[QWidget], right: Sequence[QWidget]) -> QHBoxLayout:
    """Return the row at a dialog's foot; a sentence at the left takes all the room the buttons leave."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in left:
        row.addWidget(widget, 1 if isinstance(widget, QLabel) else 0)
    row.addStretch(0 if any(isinstance(widget, QLabel) for widget in left) else 1)  # a sentence may be hidden
    for widget in right:
        row.addWidget(widget)
    return row
