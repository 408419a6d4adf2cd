"""The LoRAs a drawing uses: a file and a weight each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.quiet import DoubleSpinBox

STRONGEST = 4.0
STEP = 0.05


class _FileLabel(QLabel):
    """A file's name, shortened in its middle where there is no room; the tooltip has the whole path."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._full = Path(path).stem or path
        self.setToolTip(path)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, self.width()))
        super().resizeEvent(event)


@dataclass
class _Row:
    path: str
    box: QWidget
    weight: DoubleSpinBox
    remove: QToolButton
    problem: QLabel


class LoraRows(QWidget):
    """One row a LoRA; hidden while there is none.

    Signals:
        changed(): A LoRA was added or taken out, or has another weight.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_loras")
        self._rows: list[_Row] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.hide()

    def value(self) -> tuple[LoraUse, ...]:
        """Return the LoRAs in their order."""
        return tuple(LoraUse(path=row.path, weight=round(row.weight.value(), 3)) for row in self._rows)

    def set_value(self, loras: Sequence[LoraUse]) -> None:
        """Show these LoRAs in place of all others."""
        for row in self._rows:
            self._layout.removeWidget(row.box)
            row.box.setParent(None)  # gone for everyone at once, deleted when its own click is over
            row.box.deleteLater()
        self._rows = [self._row(number, lora) for number, lora in enumerate(loras)]
        self.setVisible(bool(self._rows))
        self.retranslate()
        self.changed.emit()

    def add(self, path: str) -> None:
        """Add a LoRA at full strength, unless it is there already."""
        if path not in (row.path for row in self._rows):
            self.set_value((*self.value(), LoraUse(path=path)))

    def show_missing(self, missing: Collection[str]) -> None:
        """Mark the LoRAs whose files are not there."""
        for row in self._rows:
            row.problem.setVisible(row.path in missing)

    def has_problem(self) -> bool:
        """Tell whether a file is missing."""
        return any(not row.problem.isHidden() for row in self._rows)

    def retranslate(self) -> None:
        """Take the language in use."""
        for row in self._rows:
            name = Path(row.path).stem
            describe(row.weight, _("How strongly {name} counts; 1 is as it was trained").format(name=name))
            describe(row.remove, _("Draw without {name}").format(name=name))
            row.problem.setText(_("This file is not there any more."))

    def _row(self, number: int, lora: LoraUse) -> _Row:
        box = QWidget()
        weight = named(DoubleSpinBox(-STRONGEST, STRONGEST, 1.0), f"prompt_lora_weight_{number}")
        weight.setSingleStep(STEP)
        # A job may hold a stronger one than the arrows reach.
        weight.setRange(min(-STRONGEST, lora.weight), max(STRONGEST, lora.weight))
        weight.setValue(lora.weight)
        remove = named(QToolButton(), f"prompt_lora_remove_{number}")
        set_icon(remove, "x", "muted")
        set_role(remove, "flat")
        problem = QLabel()
        set_role(problem, "problem")
        problem.hide()
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(_FileLabel(lora.path), 1)
        line.addWidget(weight)
        line.addWidget(remove)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(problem)
        self._layout.addWidget(box)
        row = _Row(lora.path, box, weight, remove, problem)
        weight.valueChanged.connect(self.changed)
        remove.clicked.connect(partial(self._remove, lora.path))
        return row

    def _remove(self, path: str) -> None:
        self.set_value([lora for lora in self.value() if lora.path != path])
