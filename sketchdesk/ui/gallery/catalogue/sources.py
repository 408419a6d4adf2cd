"""Where the gallery's pictures are: folders added by hand or dropped, and the dialog that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.settings import with_folders
from sketchdesk.ui.gallery.catalogue.folders_dialog import FoldersDialog
from sketchdesk.ui.message import Message
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.widgets.one_dialog import OneDialog


class Sources(OneDialog[FoldersDialog]):
    """Adds folders, and opens the dialog over the window it is made for.

    Signals:
        message(Message): A folder's pictures are in the gallery already.
    """

    message = Signal(Message)

    def __init__(self, store: SettingsStore, window: QWidget) -> None:
        super().__init__(window)
        self._store = store

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
            self._open_one(FoldersDialog(self._store, self._window))
