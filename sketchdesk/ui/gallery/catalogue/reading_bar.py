"""How far the folders are read, with a way to stop; and what was left, with a way to go on."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.ui.gallery.catalogue.walking import Walking
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel

WORTH_SHOWING = 200
"""So few pictures are read before anybody could read the line."""


class ReadingBar(QFrame):
    """Hidden unless many pictures are read, or were left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_reading_bar")
        set_role(self, "bar")
        self._done = self._total = self._left = 0
        self._text = named(ElidedLabel(minimum_px=120), "gallery_reading_text")
        self._text.setFont(fonts.tabular(self._text.font()))
        self._bar = named(QProgressBar(), "gallery_reading_progress")
        self._bar.setTextVisible(False)
        self._stop = named(QPushButton(), "gallery_reading_stop_button")
        self._continue = named(QPushButton(), "gallery_reading_continue_button")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(12)
        layout.addWidget(self._text, 1)
        for widget in (self._bar, self._stop, self._continue):
            layout.addWidget(widget)
        self._stop.clicked.connect(self._on_stop)
        self._continue.clicked.connect(self._on_continue)
        self._walking: Walking | None = None
        self.retranslate()

    def use(self, walking: Walking) -> None:
        """Show, stop and continue this from now on."""
        self._walking = walking
        walking.at_work.connect(self.set_working)
        walking.progressed.connect(self.set_progress)
        walking.stopped.connect(self.set_left)
        self.set_working(False)
        self.set_left(0)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._stop.setText(_("Stop"))
        describe(self._stop, _("Read no more pictures now; those that were read stay"))
        self._continue.setText(_("Continue"))
        describe(self._continue, _("Read the pictures that were left"))
        self._bar.setAccessibleName(_("How many pictures are read"))
        self._show()

    @Slot(int, int)
    def set_progress(self, done: int, total: int) -> None:
        """So many are read, of so many."""
        self._done, self._total, self._left = done, total, 0
        self._show()

    @Slot(int)
    def set_left(self, left: int) -> None:
        """It was stopped, and so many are left; -1 where that is not known."""
        self._left = left
        self._show()

    @Slot(bool)
    def set_working(self, working: bool) -> None:
        """A walk begins, or has ended."""
        self._done = self._total = 0
        self._left = 0 if working else self._left
        self._stop.setEnabled(True)
        self._show()

    def _show(self) -> None:
        reading = self._total >= WORTH_SHOWING
        self.setVisible(reading or self._left != 0)
        for widget in (self._bar, self._stop):
            widget.setVisible(reading)
        self._continue.setVisible(not reading)
        if reading:
            text = _("Reading pictures: {done} of {total}")
            self._text.set_full_text(text.format(done=number_text(self._done), total=number_text(self._total)))
            self._bar.setRange(0, self._total)
            self._bar.setValue(self._done)
        elif self._left < 0:
            self._text.set_full_text(_("The folders were not read to their end."))
        else:
            text = ngettext("{count} picture is not read yet.", "{count} pictures are not read yet.", self._left)
            self._text.set_full_text(text.format(count=number_text(self._left)))

    @Slot()
    def _on_stop(self) -> None:
        if self._walking:
            self._stop.setEnabled(False)
            self._walking.stop()

    @Slot()
    def _on_continue(self) -> None:
        if self._walking:
            self._walking.walk()
