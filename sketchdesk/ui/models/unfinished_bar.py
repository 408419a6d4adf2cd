"""A line for a download that was begun and not finished: go on with it, or delete what has arrived."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.hub.staging import Unfinished
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import size_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel


class UnfinishedBar(QFrame):
    """Shows the first of them; hidden while there is none.

    Signals:
        resume_wanted(DownloadJob): Go on.
        discard_wanted(str): Delete what has arrived; the download's name.
    """

    resume_wanted = Signal(object)
    discard_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_unfinished_bar")
        set_role(self, "inset")
        self._found: tuple[Unfinished, ...] = ()
        self._text = named(ElidedLabel(minimum_px=120), "model_unfinished_text")
        self._resume = named(QPushButton(), "model_unfinished_resume")
        self._discard = named(QPushButton(), "model_unfinished_discard")
        set_icon(self._resume, "download", "muted")
        set_icon(self._discard, "trash-2", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._resume)
        layout.addWidget(self._discard)
        self._resume.clicked.connect(self._on_resume)
        self._discard.clicked.connect(self._on_discard)
        self.hide()
        self.retranslate()

    def show_unfinished(self, found: Sequence[Unfinished]) -> None:
        """Offer these, one after the other."""
        self._found = tuple(found)
        self._show()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._resume.setText(_("Go on"))
        describe(self._resume, _("Fetch what is missing; what has arrived is not fetched again"))
        self._discard.setText(_("Delete"))
        describe(self._discard, _("Delete what has arrived of this download"))
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self._found))
        if not self._found:
            return
        first, more = self._found[0], len(self._found) - 1
        text = _("The download of “{name}” is not finished; {size} have arrived.")
        text = text.format(name=first.name, size=size_text(first.size_bytes))
        if more:
            text += " " + ngettext("{count} more waits.", "{count} more wait.", more).format(count=more)
        self._text.set_full_text(text)
        self._resume.setVisible(first.job is not None)

    @Slot()
    def _on_resume(self) -> None:
        if self._found and self._found[0].job is not None:
            self.resume_wanted.emit(self._found[0].job)

    @Slot()
    def _on_discard(self) -> None:
        if self._found:
            self.discard_wanted.emit(self._found[0].name)
