"""A file that is added to the model: its name, perhaps its weight, a button to take it out, and what is wrong."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.quiet import DoubleSpinBox


class FileLabel(QLabel):
    """A file's name, shortened in its middle where there is no room; the tooltip has the whole path."""

    def __init__(self, path: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_path(path)

    def set_path(self, path: str) -> None:
        """Name another file."""
        self._full = Path(path).stem or path
        self.setToolTip(path)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, self.width()))


class AddedRow(QWidget):
    """One file. Its controls are named after `kind` and its number: prompt_lora_remove_0.

    Signals:
        removed(str): It is to be taken out; its path.
    """

    removed = Signal(str)

    def __init__(self, kind: str, number: int, path: str, weight: DoubleSpinBox | None = None) -> None:
        super().__init__()
        self.path = path
        self.weight = weight
        self.remove = named(QToolButton(), f"prompt_{kind}_remove_{number}")
        set_icon(self.remove, "x", "muted")
        set_role(self.remove, "flat")
        self._problem = named(QLabel(), f"prompt_{kind}_problem_{number}")
        self._problem.setWordWrap(True)
        set_role(self._problem, "problem")
        self._problem.hide()
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(FileLabel(path), 1)
        if weight is not None:
            line.addWidget(named(weight, f"prompt_{kind}_weight_{number}"))
        line.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self._problem)
        self.remove.clicked.connect(partial(self.removed.emit, path))

    @property
    def problem(self) -> str:
        """Why the file cannot be used, "" where it can."""
        return "" if self._problem.isHidden() else self._problem.text()

    def set_problem(self, reason: str) -> None:
        """Say why the file cannot be used; "" takes it back."""
        self._problem.setText(reason)
        self._problem.setVisible(bool(reason))
        self.remove.setAccessibleDescription(reason)


def take_out(row: AddedRow) -> None:
    """Take a row off the window: gone for everyone at once, deleted when its own click is over."""
    parent = row.parentWidget()
    layout = parent.layout() if parent is not None else None
    if layout is not None:
        layout.removeWidget(row)
    row.setParent(None)
    row.deleteLater()
