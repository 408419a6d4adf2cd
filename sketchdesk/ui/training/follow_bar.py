"""A button that begins a kind of job, or, while one works, how far it is and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.following import Following
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.ui.widgets.one_of import show_one_of


class FollowBar(QWidget):
    """The parts, for whoever lays them out: `begin`, and `status`, `bar` and `stop`, which show only while it works."""

    def __init__(self, name: str, begin: QPushButton, following: Following, parent: QWidget | None = None) -> None:
        """`name` is what the parts' objectNames begin with."""
        super().__init__(parent)
        self.begin, self._following = begin, following
        self.status = named(ElidedLabel(minimum_px=80), f"{name}_status")
        set_role(self.status, "muted")
        self.bar = named(QProgressBar(), f"{name}_progress")
        self.bar.setTextVisible(False)
        self.stop = named(QPushButton(), f"{name}_stop")
        self.stop.clicked.connect(self._on_stop)
        following.progressed.connect(self._show)

    def describe_work(self, stop: str, bar: str) -> None:
        """Take the language in use: what stopping leaves, and what the bar tells."""
        self.stop.setText(_("Stop"))
        describe(self.stop, stop)
        describe(self.bar, bar)
        self._show()

    @Slot()
    def _show(self) -> None:
        is_working = self._following.is_working
        for widget in (self.status, self.bar):
            widget.setVisible(is_working)
        show_one_of(self.begin, self.stop, is_working)
        done, total = self._following.done_of
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.status.set_full_text(self._following.text)

    @Slot()
    def _on_stop(self) -> None:
        self._following.stop()
