"""The LoRAs a drawing uses: a file and a weight each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe
from sketchdesk.ui.prompt.added_row import AddedRow, take_out
from sketchdesk.ui.widgets.quiet import DoubleSpinBox

STRONGEST = 4.0
STEP = 0.05


class LoraRows(QWidget):
    """One row a LoRA; hidden while there is none.

    Signals:
        changed(): A LoRA was added or taken out, or has another weight.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_loras")
        self._rows: list[AddedRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.hide()

    def value(self) -> tuple[LoraUse, ...]:
        """Return the LoRAs in their order."""
        return tuple(LoraUse(path=row.path, weight=_weight_of(row)) for row in self._rows)

    def set_value(self, loras: Sequence[LoraUse]) -> None:
        """Show these LoRAs in place of all others."""
        for row in self._rows:
            take_out(row)
        self._rows = [self._row(number, lora) for number, lora in enumerate(loras)]
        self.setVisible(bool(self._rows))
        self.retranslate()
        self.changed.emit()

    def add(self, path: str) -> None:
        """Add a LoRA at full strength, unless it is there already."""
        if path not in (row.path for row in self._rows):
            self.set_value((*self.value(), LoraUse(path=path)))

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Say at each row why its file cannot be used, by its path."""
        for row in self._rows:
            row.set_problem(problems.get(row.path, ""))

    def has_problem(self) -> bool:
        """Tell whether a file cannot be used."""
        return any(row.problem for row in self._rows)

    def retranslate(self) -> None:
        """Take the language in use."""
        for row in self._rows:
            name = Path(row.path).stem
            assert row.weight is not None  # a LoRA always has one
            describe(row.weight, _("How strongly {name} counts; 1 is as it was trained").format(name=name))
            describe(row.remove, _("Draw without {name}").format(name=name))

    def _row(self, number: int, lora: LoraUse) -> AddedRow:
        # A job may hold a stronger one than the arrows reach.
        weight = DoubleSpinBox(min(-STRONGEST, lora.weight), max(STRONGEST, lora.weight), lora.weight)
        weight.setSingleStep(STEP)
        row = AddedRow("lora", number, lora.path, weight)
        weight.valueChanged.connect(self.changed)
        row.removed.connect(self._remove)
        self._layout.addWidget(row)
        return row

    @Slot(str)
    def _remove(self, path: str) -> None:
        self.set_value([lora for lora in self.value() if lora.path != path])


def _weight_of(row: AddedRow) -> float:
    assert row.weight is not None  # a LoRA always has one
    return round(row.weight.value(), 3)
