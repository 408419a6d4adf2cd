"""The foot of the forecast: a button that tries the recipe, or how far its trial is and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.trying import Trying
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.ui.widgets.one_of import show_one_of


class TryBar(QWidget):
    """Shows the button while nothing is tried.

    Signals:
        pressed(): The recipe should be tried.
    """

    pressed = Signal()

    def __init__(self, trying: Trying, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_try")
        self._trying = trying
        self._try = named(QPushButton(), "training_try_button")
        self._text = named(ElidedLabel(minimum_px=80), "training_try_status")
        set_role(self._text, "muted")
        self._bar = named(QProgressBar(), "training_try_progress")
        self._bar.setTextVisible(False)
        self._stop = named(QPushButton(), "training_try_stop")
        set_role(self._stop, "chip")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._try)
        column.addLayout(row)
        column.addWidget(self._bar)
        self._try.clicked.connect(self.pressed)
        self._stop.clicked.connect(self._on_stop)
        trying.progressed.connect(self._show)
        self.retranslate()

    def set_possible(self, is_possible: bool) -> None:
        """Say whether the recipe can be started as it is."""
        self._try.setEnabled(is_possible)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._try.setText(_("Try one step"))
        describe(self._try, _(
            "Do two steps of this very recipe, the first to warm up, keep nothing of them, and measure what they take"
        ))
        self._stop.setText(_("Stop"))
        describe(self._stop, _("Stop trying; nothing is kept"))
        describe(self._bar, _("How far the trial is"))
        self._show()

    @Slot()
    def _show(self) -> None:
        is_working = self._trying.is_working
        for widget in (self._text, self._bar):
            widget.setVisible(is_working)
        show_one_of(self._try, self._stop, is_working)
        done, total = self._trying.done_of
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._text.set_full_text(self._trying.text)

    @Slot()
    def _on_stop(self) -> None:
        self._trying.stop()
