"""Opens dialogs one at a time, and lets go of each when it is closed."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

D = TypeVar("D", bound=QDialog)


class _Spoken(Protocol):
    def retranslate(self) -> None: ...


class OneDialog(QObject, Generic[D]):
    """What opens one kind of dialog over the window it is made for; a subclass makes it and calls `_open_one`.

    The dialogs have a retranslate(). End it with shutdown().
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: D | None = None

    def retranslate(self) -> None:
        """Take the language in use."""
        spoken: _Spoken | None = self.dialog  # type: ignore[assignment]  # of which QDialog itself knows nothing
        if spoken:
            spoken.retranslate()

    def shutdown(self) -> None:
        """Close the dialog."""
        if self.dialog:
            self.dialog.reject()

    def _open_one(self, dialog: D) -> None:
        self.dialog = dialog
        dialog.finished.connect(self._on_closed)
        dialog.open()

    @Slot()
    def _on_closed(self) -> None:
        if self.dialog:
            self.dialog.deleteLater()
        self.dialog = None
