"""Notes of a run: typed here, kept in the run's folder a moment later."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.notes import read_notes, write_notes
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import describe
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.workers.background import Background

KEEP_AFTER_MS = 600


class NotesView(QPlainTextEdit):
    """The notes of the run on show.

    Signals:
        message(Message): They could not be read or kept.
    """

    message = Signal(Message)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_notes")
        set_role(self, "bare")
        self._background = background
        self._folder: Path | None = None
        self._kept = ""
        self._wait = QTimer(self, interval=KEEP_AFTER_MS, singleShot=True)
        self._wait.timeout.connect(self._keep_in_thread)
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._wait.start)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("Your notes on this run; they are kept in its folder"))
        self.setToolTip("")
        self.setPlaceholderText(_("What was tried, what came of it … Notes are kept in the run's folder."))

    def show_run(self, folder: Path | None) -> None:
        """Show a run's notes, by the run's folder; those of the last one are kept first."""
        if folder == self._folder:
            return
        self.keep()
        self._folder = folder
        self._show("")
        self.setReadOnly(True)
        if folder is not None:
            self._background.do(partial(read_notes, folder), partial(self._on_read, folder), self._on_failed)

    def keep(self) -> None:
        """Write now what is typed; a run's notes are small."""
        self._wait.stop()
        text = self.toPlainText()
        if self._folder is not None and text != self._kept:
            try:
                write_notes(self._folder, text)
            except SketchDeskError as error:
                self.message.emit(of_error(error))
            else:
                self._kept = text

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep them when the person turns elsewhere."""
        super().focusOutEvent(event)
        self._keep_in_thread()

    @Slot()
    def _keep_in_thread(self) -> None:
        self._wait.stop()
        text = self.toPlainText()
        if self._folder is not None and text != self._kept:
            done = partial(self._on_kept, self._folder, text)
            self._background.do(partial(write_notes, self._folder, text), done, self._on_failed)

    def _show(self, text: str) -> None:
        self._kept = text
        self.setPlainText(text)
        self._wait.stop()

    def _on_read(self, folder: Path, text: str) -> None:
        if folder == self._folder:
            self._show(text)
            self.setReadOnly(False)

    def _on_kept(self, folder: Path, text: str, _nothing: object) -> None:
        if folder == self._folder:
            self._kept = text

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self.message.emit(of_error(error))
