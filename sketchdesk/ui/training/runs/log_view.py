"""The log of a run: stages, notices, checkpoints and the end, as lines to read and to copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.events import Event
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.runs.event_text import event_line


class LogView(QWidget):
    """Shows the lines of one run and grows with it; stays where it was scrolled to unless that was the end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_log")
        self._events: list[Event] = []
        self._text = named(QPlainTextEdit(), "training_log_text")
        self._text.setReadOnly(True)
        self._text.setFont(tabular(self._text.font()))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.copy_button = named(QToolButton(), "training_log_copy_button")
        """For whoever holds the view to place."""
        self.copy_button.clicked.connect(self._on_copy)
        set_role(self.copy_button, "flat")
        set_icon(self.copy_button, "copy", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._text, 1)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self.copy_button, _("Copy the whole log"))
        describe(self._text, _("What happened in this run"))
        self._text.setPlaceholderText(_("Nothing has happened in this run yet."))
        events, self._events = self._events, []
        self.show_events(events)

    def show_events(self, events: Sequence[Event]) -> None:
        """Show these events; where they only go on from those on show, lines are added."""
        new = list(events)
        if new[: len(self._events)] == self._events and self._events:
            added = new[len(self._events) :]
        else:
            self._text.clear()
            added = new
        self._events = new
        if not added:
            return
        bar = self._text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        start = "" if self._text.document().isEmpty() else "\n"
        cursor.insertText(start + "\n".join(event_line(event) for event in added))
        if at_end:
            bar.setValue(bar.maximum())

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
