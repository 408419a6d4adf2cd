"""Which folders' pictures are in the gallery: the person's own, and any elsewhere that are only looked at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.settings import with_folders
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.ask_folder import ask_folder
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row


class FoldersDialog(QDialog):
    """Lists the folders; what is added or taken off counts at once."""

    def __init__(self, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_folders_dialog")
        self._store = store
        self._sentence = named(QLabel(), "gallery_folders_sentence")
        self._list = named(QListWidget(), "gallery_folders_list")
        self._add = named(QPushButton(), "gallery_folders_add_button")
        self._remove = named(QPushButton(), "gallery_folders_remove_button")
        self._close = named(QPushButton(), "gallery_folders_close_button")
        self._build()
        self._add.clicked.connect(self._on_add)
        self._remove.clicked.connect(self._on_remove)
        self._close.clicked.connect(self.accept)
        self._list.itemSelectionChanged.connect(self._on_selected)
        store.changed.connect(self._fill)
        self.retranslate()
        self._fill()

    def _build(self) -> None:
        self._sentence.setWordWrap(True)
        set_role(self._sentence, "muted")
        set_role(self._close, "primary")
        set_icon(self._add, "folder-open", "text")
        self._list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        foot = foot_row([self._add, self._remove], [self._close])
        fill_dialog(self, [self._sentence, self._list], foot, grows=self._list)
        self.setMinimumWidth(560)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Folders of the gallery"))
        self._sentence.setText(
            _(
                "The pictures in these folders are in the gallery. Those of added folders are read where they lie, and "
                "never changed."
            )
        )
        self._list.setAccessibleName(_("Folders of the gallery"))
        self._add.setText(_("Add a folder…"))
        describe(self._add, _("Show the pictures of a folder in the gallery, where they lie"))
        self._remove.setText(_("Take off the list"))
        describe(self._remove, _("Show the pictures of the selected folders no more; the files stay as they are"))
        self._close.setText(_("Close"))
        describe(self._close, _("Back to the gallery"))

    @Slot()
    def _fill(self) -> None:
        self._list.clear()
        own, *added = self._store.value.all_image_folders
        self._list.addItem(_("{folder} (where drawn pictures go)").format(folder=own))
        for folder in added:
            item = QListWidgetItem(str(folder), self._list)
            item.setToolTip(str(folder))
        self._on_selected()

    def _selected(self) -> list[str]:
        return [item.text() for item in self._list.selectedItems() if self._list.row(item)]

    @Slot()
    def _on_selected(self) -> None:
        self._remove.setEnabled(bool(self._selected()))

    @Slot()
    def _on_add(self) -> None:
        ask_folder(self, "gallery_folders_chooser", _("Add a folder of pictures"), self.add)

    @Slot(str)
    def add(self, folder: str) -> None:
        """Add a folder."""
        self._store.change(gallery_folders=with_folders(self._store.value, [Path(folder)]))

    @Slot()
    def _on_remove(self) -> None:
        gone = set(self._selected())
        kept = (folder for folder in self._store.value.gallery_folders if folder not in gone)
        self._store.change(gallery_folders=tuple(kept))
