"""The foot of the data set page where captions are written: the button, and how far the work is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.caption_writing import CaptionWriting
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.ui.widgets.one_of import show_one_of

BAR_PX = 120


class CaptionBar(QWidget):
    """Shows the button, or how far the writing is with a button that stops it.

    Signals:
        write_pressed(): Captions are wanted.
    """

    write_pressed = Signal()

    def __init__(self, writing: CaptionWriting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_caption_bar")
        self._writing = writing
        self._write = named(QPushButton(), "dataset_write_captions")
        set_icon(self._write, "message-square-text")
        self._bar = named(QProgressBar(), "dataset_caption_progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_PX)
        self._text = named(ElidedLabel(minimum_px=80), "dataset_caption_status")
        set_role(self._text, "muted")
        self._stop = named(QPushButton(), "dataset_caption_stop")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._write, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self._bar)
        row.addWidget(self._text, 1)
        row.addWidget(self._stop)
        self._write.clicked.connect(self.write_pressed)
        self._stop.clicked.connect(self._on_stop)
        writing.progressed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._write.setText(_("Write captions…"))
        describe(self._write, _("Let BLIP write captions for the chosen pictures, or for those without one"))
        self._stop.setText(_("Stop"))
        describe(self._stop, _("Stop writing captions; those that are written stay"))
        describe(self._bar, _("How many captions are written"))
        self._show()

    @Slot()
    def _show(self) -> None:
        is_working = self._writing.is_working
        for widget in (self._bar, self._text):
            widget.setVisible(is_working)
        show_one_of(self._write, self._stop, is_working)
        done, total = self._writing.done_of
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._text.set_full_text(self._writing.text)

    @Slot()
    def _on_stop(self) -> None:
        self._writing.stop()
