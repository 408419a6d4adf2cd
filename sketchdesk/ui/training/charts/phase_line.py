"""How far a distillation is in each of its parts: the pairs it draws first, then its phases, side by side."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.distillation.settings import phases_of
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.train_runs import Training
from sketchdesk.ui.naming import named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.runs.history import History

PAIRS = "pairs"
BEFORE = ("", PAIRS)
"""The stages in which the pairs are not all there."""
NAMES = {
    PAIRS: N_("Pairs"),
    "reflow": N_("Reflow"),
    "distillation": N_("Distillation"),
    "matching": N_("Matching"),
}
SENTENCES = {
    PAIRS: N_("The teacher draws pairs of noise and picture"),
    "reflow": N_("The paths from noise to picture become straight"),
    "distillation": N_("The whole path is learnt in one step"),
    "matching": N_("The pictures become as likely as the teacher's"),
}
BAR_STEPS = 1000


class PhaseShare(NamedTuple):
    """A part of a distillation, and how much of it is done, 0..1."""

    name: str
    """"pairs", or the stage's name."""
    size: int
    """Pairs, or optimiser steps."""
    share: float


def phase_shares(training: Training, history: History) -> list[PhaseShare]:
    """Return the parts of a distillation in their order."""
    assert isinstance(training.job, DistillJob)
    job, is_done = training.job, training.state is RunState.DONE
    step = training.total if is_done else max(history.step, training.step)
    if is_done or step or history.stage not in BEFORE:
        drawn = 1.0
    else:
        drawn = history.progress.step / max(1, history.progress.total) if history.progress else 0.0
    found = [PhaseShare(PAIRS, job.num_pairs + job.num_held_out_pairs, drawn)]
    first = 0
    for name, count in phases_of(job).items():
        found.append(PhaseShare(name, count, min(1.0, max(0.0, (step - first) / count))))
        first += count
    return found


class PhaseLine(QWidget):
    """A name and a bar for each part; hidden for a training that has only one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_phases")
        self._parts = {name: _Part(name) for name in NAMES}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(12)
        for part in self._parts.values():
            row.addWidget(part, 1)

    def show_training(self, training: Training, history: History) -> None:
        """Show how far it is."""
        self.setVisible(isinstance(training.job, DistillJob))
        if isinstance(training.job, DistillJob):
            shares = {each.name: each for each in phase_shares(training, history)}
            for name, part in self._parts.items():
                part.show_share(shares.get(name))


class _Part(QWidget):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._text, self._bar = named(QLabel(), f"training_phase_{name}"), QProgressBar()
        self._count = QLabel()
        for label in (self._text, self._count):
            set_role(label, "small")
        self._count.setFont(tabular(self._count.font()))
        named(self._bar, f"training_phase_{name}_bar").setRange(0, BAR_STEPS)
        self._bar.setTextVisible(False)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._text, 1)
        head.addWidget(self._count, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._bar)

    def show_share(self, found: PhaseShare | None) -> None:
        self.setVisible(found is not None)
        if found is None:
            return
        self._text.setText(_(NAMES[self._name]))
        if self._name == PAIRS:
            count = ngettext("{count} pair", "{count} pairs", found.size)
        else:
            count = ngettext("{count} step", "{count} steps", found.size)
        self._count.setText(count.format(count=number_text(found.size)))
        self._bar.setValue(round(BAR_STEPS * found.share))
        percent = _("{percent} %").format(percent=number_text(100 * found.share))
        self.setToolTip(f"{_(SENTENCES[self._name])}\n{percent}")
        self._bar.setAccessibleName(_(NAMES[self._name]))
        self._bar.setAccessibleDescription(percent)
