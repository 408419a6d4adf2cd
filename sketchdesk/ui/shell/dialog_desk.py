"""The window's dialogs: one of each kind, open beside the work."""

from __future__ import annotations

from typing import Protocol, cast

from PySide6.QtWidgets import QDialog


class _Speaks(Protocol):
    def retranslate(self) -> None: ...


class DialogDesk:
    """Opens dialogs without waiting for them, and lets those that are open follow the language."""

    def __init__(self) -> None:
        self._open: dict[str, QDialog] = {}

    def show(self, dialog: QDialog) -> None:
        """Open a dialog in place of an older one of its name. It must have `retranslate`."""
        self.close(dialog.objectName())
        self._open[dialog.objectName()] = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def close(self, name: str) -> None:
        """Close a dialog, if it is open."""
        old = self._open.pop(name, None)
        if old is not None:
            old.close()
            old.deleteLater()

    def close_all(self) -> None:
        """Close every dialog."""
        for name in list(self._open):
            self.close(name)

    def retranslate(self) -> None:
        """Take the language in use."""
        for dialog in self._open.values():
            cast("_Speaks", dialog).retranslate()
