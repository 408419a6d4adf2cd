"""A line for the path of a file or a folder, with a button that asks for it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QToolButton, QWidget

from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.ask_folder import ask_folder
from sketchdesk.ui.widgets.field import Field


class PathField(Field):
    """`value`, `set_value`; empty where nothing is named.

    Signals:
        changed(): Another path is named.
    """

    changed = Signal()

    def __init__(self, name: str, files: str = "", parent: QWidget | None = None) -> None:
        """`files` are the endings of files to choose from ("*.safetensors"); without them a folder is chosen."""
        self._line = QLineEdit()
        super().__init__(name, self._line, parent)
        self._files, self._title = files, ""
        self._browse = named(QToolButton(), f"{name}_browse")
        set_role(self._browse, "square")
        set_icon(self._browse, "folder-open")
        self.add_beside(self._browse)
        self._line.textChanged.connect(self.changed)
        self._browse.clicked.connect(self._on_browse)

    @property
    def value(self) -> str:
        """The path, "" for none."""
        return self._line.text().strip()

    def set_value(self, path: str) -> None:
        """Show a path."""
        self._line.setText(path)

    def set_words(self, label: str, sentence: str, empty: str, asks: str) -> None:
        """Set label and sentence, what the empty line says, and what the button does."""
        self.set_text(label, sentence)
        self._line.setPlaceholderText(empty)
        describe(self._browse, asks)
        self._title = label

    @Slot()
    def _on_browse(self) -> None:
        name = f"{self._line.objectName()}_dialog"
        if not self._files:
            ask_folder(self, name, self._title, self.set_value, self.value)
            return
        dialog = named(QFileDialog(self, self._title, self.value, f"{self._title} ({self._files})"), name)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.set_value)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
