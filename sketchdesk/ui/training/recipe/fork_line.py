"""Where a training goes on from, if it is the fork of another: said in a line that can be taken away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.training.checkpoints import title_of
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel


class ForkLine(QFrame):
    """Names the checkpoint a job goes on from; hidden where it begins anew.

    Signals:
        changed(): The training begins anew now, or elsewhere.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_fork_line")
        set_role(self, "inset")
        self._value = ""
        self._text = named(ElidedLabel(), "training_fork_text")
        self._drop = named(QToolButton(), "training_fork_drop")
        set_role(self._drop, "flat")
        set_icon(self._drop, "x", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._drop)
        self._drop.clicked.connect(self._on_drop)
        self._show()

    @property
    def value(self) -> str:
        """The checkpoint's folder, or ""."""
        return self._value

    def set_value(self, folder: str) -> None:
        """Name a checkpoint's folder; "" begins anew."""
        self._value = folder
        self._show()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self._drop, _("Begin anew with these settings instead of going on from the checkpoint"))
        self._show()

    def _show(self) -> None:
        name = title_of(Path(self._value)) or Path(self._value).name
        self._text.set_full_text(_("Goes on from {checkpoint}").format(checkpoint=name))
        self.setVisible(bool(self._value))

    @Slot()
    def _on_drop(self) -> None:
        self.set_value("")
        self.changed.emit()
