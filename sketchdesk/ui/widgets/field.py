"""A control with its label above it and, when its value is not possible or counts for nothing, that below it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role


class Field(QWidget):
    """Label, control, problem, remark. The control's objectName is `name`; those of the others start with it."""

    def __init__(self, name: str, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_field")
        self.control = named(control, name)
        self._label = named(QLabel(), f"{name}_label")
        set_role(self._label, "caption")
        self._label.setBuddy(control)
        self._problem = named(QLabel(), f"{name}_problem")
        set_role(self._problem, "problem")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._remark = named(QLabel(), f"{name}_remark")
        set_role(self._remark, "small")
        self._remark.setWordWrap(True)
        self._remark.hide()
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addWidget(control, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._label)
        self._column.addLayout(self._row)
        self._column.addWidget(self._problem)
        self._column.addWidget(self._remark)

    @property
    def problem(self) -> str:
        """Why the value is not possible, "" where it is."""
        return "" if self._problem.isHidden() else self._problem.text()

    @property
    def remark(self) -> str:
        """What is said of a value that is possible, "" for nothing."""
        return "" if self._remark.isHidden() else self._remark.text()

    def set_remark(self, sentence: str) -> None:
        """Say something of a value that is possible; "" takes it back."""
        self._remark.setText(sentence)
        self._remark.setVisible(bool(sentence))

    def add_beside(self, widget: QWidget) -> None:
        """Put another control at the right of the field's: a button that chooses its value, say."""
        self._row.addWidget(widget)

    def add_below(self, widget: QWidget) -> None:
        """Put something below the control and its problem."""
        self._column.addWidget(widget)

    def set_text(self, label: str, sentence: str) -> None:
        """Set the label, and the sentence that tells what the control is for (tooltip, screen readers)."""
        self._label.setText(label)
        describe(self.control, sentence)

    def set_problem(self, reason: str) -> None:
        """Mark the value as not possible, with the reason; "" takes the mark away."""
        if reason == self._problem.text():
            return  # style sheets are slow
        self._problem.setText(reason)
        self._problem.setVisible(bool(reason))
        self.control.setAccessibleDescription(reason)
        self.control.setProperty("invalid", "true" if reason else "false")
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)
