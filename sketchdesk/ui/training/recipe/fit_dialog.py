"""What would make a training fit: for a number of GiB, the changes in sentences, the forecast before and after."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.models.facts import ModelFacts
from sketchdesk.library.training.fitting import fit_to_memory, proposal_lines
from sketchdesk.library.training.forecast import forecast_memory
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.recipe.number_field import Limits, NumberField
from sketchdesk.ui.training.recipe.numbers import memory_range
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

WIDTH_PX, TEXT_PX = 480, 432
MOST_GIB = 10_000


class FitDialog(QDialog):
    """Asks how much memory there is, and proposes; nothing is changed before Apply.

    Signals:
        applied(TrainJob): The training as it was proposed.
    """

    applied = Signal(object)

    def __init__(
        self, job: TrainJob, facts: ModelFacts, device: str, memory_gib: float, examples: int = 0,
        knows_bf16: bool = True, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Propose for a device of so many GiB, to begin with."""
        super().__init__(parent)
        self.setObjectName("fit_dialog")
        self._job, self._facts, self._device, self._examples = job, facts, device, examples
        self._knows_bf16 = knows_bf16
        self._proposed: TrainJob | None = None
        limits = Limits(0, MOST_GIB, is_whole=False, above_low=True)
        self._memory = NumberField("fit_memory", limits, round(memory_gib, 1))
        self._labels = [QLabel() for _label in range(2)]
        self._values = [named(QLabel(), f"fit_{name}") for name in ("before", "after")]
        self._changes = named(QLabel(), "fit_changes")
        self._changes.setWordWrap(True)
        self._apply, self._cancel = named(QPushButton(), "fit_apply"), named(QPushButton(), "fit_cancel")
        self._build()
        self._memory.changed.connect(self._propose)
        self._apply.clicked.connect(self._on_apply)
        self._cancel.clicked.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self.retranslate()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (label, value) in enumerate(zip(self._labels, self._values, strict=True)):
            set_role(label, "muted")
            value.setFont(tabular(value.font()))
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
        self._memory.setMaximumWidth(160)
        proposal = QVBoxLayout()
        proposal.setSpacing(12)
        proposal.addWidget(self._changes)
        proposal.addLayout(grid)
        set_role(self._apply, "primary")
        self._apply.setDefault(True)
        fill_dialog(self, [self._memory, proposal], foot_row([], [self._cancel, self._apply]))
        self.setMinimumWidth(WIDTH_PX)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Fit to my card"))
        self._memory.set_text(_("Memory (GiB)"), _("How much memory the device has that it should fit"))
        self._memory.retranslate()
        for label, text in zip(self._labels, (_("Forecast now"), _("Forecast then")), strict=True):
            label.setText(text)
        self._apply.setText(_("Apply"))
        describe(self._apply, _("Change the recipe as proposed"))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Leave the recipe as it is"))
        self._propose()

    @Slot()
    def _propose(self) -> None:
        gib = float(self._memory.number or 0.0)
        found = fit_to_memory(self._job, self._facts, self._device, gib, self._examples, self._knows_bf16)
        self._proposed = None if found == self._job or self._memory.problem else found
        lines, changes_it = proposal_lines(self._job, found), found not in (None, self._job)
        self._changes.setText("\n".join(f"•  {line}" for line in lines) if changes_it else lines[0])
        set_role(self._changes, "bad" if found is None else "")
        # Wrapped text asks for no height of its own: without it the last sentences would be cut off.
        self._changes.setMinimumHeight(self._changes.heightForWidth(TEXT_PX))
        self._apply.setEnabled(self._proposed is not None)
        self._values[0].setText(self._range(self._job))
        self._values[1].setText(self._range(found) if found else "–")
        if self.isVisible():
            self.adjustSize()

    def _range(self, job: TrainJob) -> str:
        memory = forecast_memory(job, self._facts, self._device, self._examples)
        return _("{size} GiB").format(size=memory_range(memory))

    @Slot()
    def _on_apply(self) -> None:
        if self._proposed is not None:
            self.applied.emit(self._proposed)
            self.accept()
