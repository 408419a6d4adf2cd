"""Prompts as lines of text; a dropped prompt file adds its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.prompts.reading import LIST_SUFFIXES, read_good_prompts
from sketchdesk.ui.message import Message, of_bad_lines, of_error


class PromptLines(QPlainTextEdit):
    """One prompt a line; empty lines do not count, a prompt counts once.

    Signals:
        message(Message): A dropped file could not be read.
    """

    message = Signal(Message)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def prompts(self) -> tuple[str, ...]:
        """Return the prompts, each once, in the order written."""
        lines = (" ".join(line.split()) for line in self.toPlainText().splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    def set_prompts(self, prompts: tuple[str, ...]) -> None:
        """Show these."""
        self.setPlainText("\n".join(prompts))

    def add_file(self, path: Path) -> None:
        """Add the prompts of a list; lines that are wrong are told and left out."""
        try:
            found = read_good_prompts(path)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
            return
        self.set_prompts((*self.prompts(), *(row.prompt for row in found.rows)))
        if found.problems:
            self.message.emit(of_bad_lines(found.problems))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, and prompt files."""
        return bool(_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Add dropped or pasted files; text goes where the cursor is."""
        files = _files(source)
        for file in files:
            self.add_file(file)
        if not files:
            super().insertFromMimeData(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files as well as text."""
        event.acceptProposedAction() if _files(event.mimeData()) else super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take files as well as text."""
        event.acceptProposedAction() if _files(event.mimeData()) else super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add files; text goes where it is dropped."""
        files = _files(event.mimeData())
        if not files:
            super().dropEvent(event)
            return
        for file in files:
            self.add_file(file)
        event.acceptProposedAction()


def _files(data: QMimeData) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in LIST_SUFFIXES]
