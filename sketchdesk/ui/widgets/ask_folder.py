"""The system's dialog for a folder, opened beside the work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_folder(parent: QWidget, name: str, title: str, then: Callable[[str], object], begin: str = "") -> None:
    """Ask for a folder, beginning in `begin`, and give its path to `then`, a bound method; `name` is the dialog's."""
    dialog = QFileDialog(parent, title, begin)
    dialog.setObjectName(name)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(then)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
