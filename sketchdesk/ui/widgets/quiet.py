"""Combo and spin boxes that leave the wheel to the page unless they are in use."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox, QWidget

INSET_PX = 8
"""Between a spin box's border and its number: the style sheet's padding does not reach the line within."""


class ComboBox(QComboBox):
    """A combo box that does not change when the page is scrolled over it, and may be narrower than its longest text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Take the wheel only while focused."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class SpinBox(QSpinBox):
    """A spin box that does not change when the page is scrolled over it."""

    def __init__(self, minimum: int, maximum: int, value: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(minimum, maximum)
        self.setValue(value)
        self.lineEdit().setTextMargins(INSET_PX, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Take the wheel only while focused."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class DoubleSpinBox(QDoubleSpinBox):
    """A spin box for fractions that does not change when the page is scrolled over it."""

    def __init__(
        self, minimum: float, maximum: float, value: float, decimals: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setDecimals(decimals)
        self.setRange(minimum, maximum)
        self.setValue(value)
        self.lineEdit().setTextMargins(INSET_PX, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Take the wheel only while focused."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
