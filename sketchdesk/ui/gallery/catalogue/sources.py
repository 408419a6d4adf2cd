"""Where the gallery's pictures are: folders added by hand or dropped, and the dialog that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.settings import with_folders
from sketchdesk.ui.gallery.catalogue.folders_dialog import FoldersDialog
from sketchdesk.ui.message import Message
from sketchdesk.ui.settings_store import SettingsStore


class Sources(QObject):
    """Adds folders, and opens the dialog over the window it is made for.

    Signals:
        message(Message): A folder's pictures are in the gallery already.
    """

    message = Signal(Message)

    def __init__(self, store: SettingsStore, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.dialog: FoldersDialog | None = None

    @Slot(object)
    def add(self, folders: Iterable[Path]) -> None:
        """Show the pictures of folders in the gallery, where they lie."""
        added = with_folders(self._store.value, folders)
        if added == self._store.value.gallery_folders:
            self.message.emit(Message(_("The pictures of this folder are in the gallery already.")))
        self._store.change(gallery_folders=added)

    @Slot()
    def ask(self) -> None:
        """Show which folders there are, to add some or take some off."""
        if self.dialog is None:
            self.dialog = FoldersDialog(self._store, self._window)
            self.dialog.finished.connect(self._on_closed)
            self.dialog.open()

    def retranslate(self) -> None:
        """Take the language in use."""
        if self.dialog:
            self.dialog.retranslate()

    def shutdown(self) -> None:
        """Close the dialog."""
        if self.dialog:
            self.dialog.reject()

    @Slot()
    def _on_closed(self) -> None:
        if self.dialog:
            self.dialog.deleteLater()
        self.dialog = None
