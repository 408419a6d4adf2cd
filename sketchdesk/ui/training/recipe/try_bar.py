"""The foot of the forecast: a button that tries the recipe, or how far its trial is and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.follow_bar import FollowBar
from sketchdesk.ui.training.recipe.trying import Trying


class TryBar(FollowBar):
    """Shows the button while nothing is tried.

    Signals:
        pressed(): The recipe should be tried.
    """

    pressed = Signal()

    def __init__(self, trying: Trying, parent: QWidget | None = None) -> None:
        super().__init__("training_try", named(QPushButton(), "training_try_button"), trying, parent)
        self.setObjectName("training_try")
        set_role(self.stop, "chip")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.status, 1)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.begin)
        column.addLayout(row)
        column.addWidget(self.bar)
        self.begin.clicked.connect(self.pressed)
        self.retranslate()

    def set_possible(self, is_possible: bool) -> None:
        """Say whether the recipe can be started as it is."""
        self.begin.setEnabled(is_possible)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.begin.setText(_("Try one step"))
        describe(self.begin, _(
            "Do two steps of this very recipe, the first to warm up, keep nothing of them, and measure what they take"
        ))
        self.describe_work(_("Stop trying; nothing is kept"), _("How far the trial is"))
