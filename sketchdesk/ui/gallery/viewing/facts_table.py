"""Names and values under each other; every value can be selected and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from sketchdesk.ui.gallery.words import Fact, meaning_of
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role


class FactsTable(QWidget):
    """Shows facts, the names at the left and the values at the right, as many lines as they need."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts; labels are kept and used again."""
        while len(self._rows) < len(facts):
            self._add_row()
        for (label, value), (name, text) in zip(self._rows, facts, strict=False):
            label.setText(name)
            for widget in (label, value):
                widget.setToolTip(meaning_of(name))
            value.setText(breakable(text))
            value.setAccessibleName(f"{name}: {text}")
        for number, row in enumerate(self._rows):
            for widget in row:
                widget.setVisible(number < len(facts))

    def facts(self) -> list[Fact]:
        """Return what is shown."""
        shown = [(label, value) for label, value in self._rows if not value.isHidden()]
        return [(label.text(), value.text().replace("\u200b", "")) for label, value in shown]

    def _add_row(self) -> None:
        number = len(self._rows)
        label = named(QLabel(), f"{self.objectName()}_name_{number}")
        value = named(QLabel(), f"{self.objectName()}_value_{number}")
        set_role(label, "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setFont(fonts.tabular(value.font()))
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self._grid.addWidget(label, number, 0)
        self._grid.addWidget(value, number, 1)
        self._rows.append((label, value))


def breakable(text: str) -> str:
    """Return text in which a line may end also inside a long name or path."""
    for sign in "/\\_-":
        text = text.replace(sign, f"{sign}\u200b")
    return text
