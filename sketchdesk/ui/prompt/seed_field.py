"""The seeds: typed as one, a list or a range; a die for a new one, a lock to keep it."""

from __future__ import annotations

import secrets
from contextlib import suppress

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.prompts.seeds import parse_seeds
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

RANDOM_BELOW = 2**32
"""As large as every other program can take."""


class SeedField(QWidget):
    """A line with two buttons.

    The line always shows the seeds of the next drawing, or, once that has begun, its seeds: unless they are kept, the
    drawing after it begins with `take()` choosing a new one. Whoever types seeds means them, so typing keeps them.

    Signals:
        changed(): The seeds, or whether they are kept, are different now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = named(QLineEdit(), "prompt_seed_edit")
        self._line.setFont(tabular(self._line.font()))
        self._line.setAcceptDrops(False)
        self._dice = named(QToolButton(), "prompt_seed_dice")
        self._lock = named(QToolButton(), "prompt_seed_lock")
        self._lock.setCheckable(True)
        for button, icon in ((self._dice, "dices"), (self._lock, "lock")):
            set_icon(button, icon, "muted")
            set_role(button, "flat")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._dice)
        layout.addWidget(self._lock)
        self.setFocusProxy(self._line)
        self._runs: tuple[range, ...] = ()
        self._is_fresh = True
        self._line.textEdited.connect(self._on_typed)
        self._dice.clicked.connect(self.roll)
        self._lock.toggled.connect(self._on_lock)
        self._new_seed()

    @property
    def line(self) -> QLineEdit:
        """The line, for marking a problem at it."""
        return self._line

    @property
    def text(self) -> str:
        """What is typed."""
        return self._line.text()

    @property
    def is_kept(self) -> bool:
        """Whether the next drawing has these seeds too."""
        return self._lock.isChecked()

    def seeds(self) -> tuple[range, ...]:
        """Return the seeds; where what is typed means none, the last ones that were meant."""
        return self._runs

    def problem(self) -> str:
        """Return why what is typed is no list of seeds, "" where it is one."""
        try:
            parse_seeds(self.text)
        except SketchDeskError as error:
            return error.message
        return ""

    def set_seeds(self, text: str, is_kept: bool) -> None:
        """Show seeds as typed; "" for a new random one."""
        self._is_fresh = False
        self._lock.setChecked(is_kept and bool(text))
        if text:
            self._read(text)
            self._line.setText(text)
            self.changed.emit()
        else:
            self._new_seed()

    def roll(self) -> None:
        """Choose a new random seed now, and again for every drawing after the next one."""
        self._lock.setChecked(False)
        self._new_seed()

    def take(self) -> None:
        """Make ready for a drawing: what was drawn already is drawn with a new seed now, unless it is kept."""
        if not self.is_kept and not self._is_fresh:
            self._new_seed()
        self._is_fresh = False

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self._line, _("Which noise each image begins with: one seed, a list 1, 5, 9 or a range 1000–1005"))
        describe(self._dice, _("A new random seed, now and for every drawing"))
        describe(self._lock, _("Keep the seeds for the next drawing"))

    def _on_typed(self, text: str) -> None:
        self._read(text)
        self._lock.setChecked(True)
        self.changed.emit()

    def _on_lock(self, _checked: bool) -> None:
        set_icon(self._lock, "lock", "accent" if self.is_kept else "muted")
        self.changed.emit()

    def _new_seed(self) -> None:
        self._is_fresh = True
        text = str(secrets.randbelow(RANDOM_BELOW))
        self._read(text)
        self._line.setText(text)
        self.changed.emit()

    def _read(self, text: str) -> None:
        with suppress(SketchDeskError):  # told at the field; the last seeds that were meant stand
            self._runs = parse_seeds(text)
