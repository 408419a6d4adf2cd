"""The foot of the data set page where captions are written: the button, and how far the work is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.training.dataset.caption_writing import CaptionWriting
from sketchdesk.ui.training.follow_bar import FollowBar

BAR_PX = 120


class CaptionBar(FollowBar):
    """Shows the button, or how far the writing is with a button that stops it.

    Signals:
        write_pressed(): Captions are wanted.
    """

    write_pressed = Signal()

    def __init__(self, writing: CaptionWriting, parent: QWidget | None = None) -> None:
        super().__init__("dataset_caption", named(QPushButton(), "dataset_write_captions"), writing, parent)
        self.setObjectName("dataset_caption_bar")
        set_icon(self.begin, "message-square-text")
        self.bar.setFixedWidth(BAR_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self.bar)
        row.addWidget(self.status, 1)
        row.addWidget(self.stop)
        self.begin.clicked.connect(self.write_pressed)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.begin.setText(_("Write captions…"))
        describe(self.begin, _("Let BLIP write captions for the chosen pictures, or for those without one"))
        self.describe_work(_("Stop writing captions; those that are written stay"), _("How many captions are written"))
