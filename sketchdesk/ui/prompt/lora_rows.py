"""The LoRAs a drawing uses: a file and a weight each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe
from sketchdesk.ui.prompt.added_row import AddedRow
from sketchdesk.ui.prompt.added_rows import AddedRows
from sketchdesk.ui.widgets.quiet import DoubleSpinBox

STRONGEST = 4.0
STEP = 0.05


class LoraRows(AddedRows):
    """One row a LoRA, with its weight.

    Signals:
        added(str): A person added this file.
    """

    added = Signal(str)

    def __init__(self, parent: QWidget | None = None, name: str = "prompt_loras") -> None:
        super().__init__(name, parent)

    def value(self) -> tuple[LoraUse, ...]:
        """Return the LoRAs in their order."""
        return tuple(LoraUse(path=row.path, weight=_weight_of(row)) for row in self.rows)

    def set_value(self, loras: Sequence[LoraUse]) -> None:
        """Show these LoRAs in place of all others."""
        self.show_rows([self._row(number, lora) for number, lora in enumerate(loras)])
        self.retranslate()

    def add(self, path: str) -> None:
        """Add a LoRA at full strength, unless it is there already."""
        if path not in self.paths():
            self.set_value((*self.value(), LoraUse(path=path)))
            self.added.emit(path)

    def retranslate(self) -> None:
        """Take the language in use."""
        for row in self.rows:
            name = Path(row.path).stem
            assert row.weight is not None  # a LoRA always has one
            row.weight.setLocale(QLocale())
            describe(row.weight, _("How strongly {name} counts; 1 is as it was trained").format(name=name))
            describe(row.remove, _("Draw without {name}").format(name=name))

    def _row(self, number: int, lora: LoraUse) -> AddedRow:
        # A job may hold a stronger one than the arrows reach.
        weight = DoubleSpinBox(min(-STRONGEST, lora.weight), max(STRONGEST, lora.weight), lora.weight)
        weight.setSingleStep(STEP)
        row = AddedRow("lora", number, lora.path, weight)
        weight.valueChanged.connect(self.changed)
        row.removed.connect(self._remove)
        return row

    @Slot(str)
    def _remove(self, path: str) -> None:
        self.set_value([lora for lora in self.value() if lora.path != path])


def _weight_of(row: AddedRow) -> float:
    assert row.weight is not None  # a LoRA always has one
    return round(row.weight.value(), 3)
