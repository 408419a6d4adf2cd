"""What is in the trash: to bring back, or to delete for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QPushButton, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.folder_trash import TrashedFolder
from sketchdesk.library.trash import TrashBatch, TrashedImage
from sketchdesk.ui.gallery.catalogue_work import AnyBatch
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text, size_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

WIDTH_PX, HEIGHT_PX = 560, 420


class Held(NamedTuple):
    """What went to the trash together, and the disk it takes."""

    batch: AnyBatch
    size_bytes: int


class TrashDialog(QDialog):
    """Lists what was moved to the trash together, the last first. It does nothing itself.

    Signals:
        restore_wished(list[AnyBatch]): These are to come back.
        delete_wished(list[AnyBatch]): These are to be deleted for good.
    """

    restore_wished = Signal(object)
    delete_wished = Signal(object)

    def __init__(self, found: Sequence[Held], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trash_dialog")
        self._found = tuple(found)
        self._sentence = named(QLabel(), "trash_sentence")
        self._list = named(QListWidget(), "trash_list")
        self._restore = named(QPushButton(), "trash_restore_button")
        self._delete = named(QPushButton(), "trash_delete_button")
        self._close = named(QPushButton(), "trash_close_button")
        self._build()
        self._restore.clicked.connect(self._on_restore)
        self._delete.clicked.connect(self._on_delete)
        self._close.clicked.connect(self.accept)
        self._list.itemSelectionChanged.connect(self._on_selected)
        self.retranslate()

    def _build(self) -> None:
        self._sentence.setWordWrap(True)
        set_role(self._sentence, "muted")
        set_icon(self._restore, "undo-2", "text")
        set_icon(self._delete, "trash-2", "muted")
        set_role(self._close, "primary")
        self._list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        foot = foot_row([self._restore, self._delete], [self._close])
        fill_dialog(self, [self._sentence, self._list], foot, grows=self._list)
        self.resize(WIDTH_PX, HEIGHT_PX)

    def show_batches(self, found: Sequence[Held]) -> None:
        """Show what is in the trash now; what was selected stays so."""
        chosen = {batch.folder for batch in self.chosen()}
        self._found = tuple(found)
        self._list.clear()
        for held in self._found:
            batch = held.batch
            item = QListWidgetItem(_text(held), self._list)
            item.setToolTip("\n".join(str(one.original) for one in held_of(batch)[:20]))
            item.setSelected(batch.folder in chosen)
        self._on_selected()
        size = size_text(sum(held.size_bytes for held in self._found))
        self._sentence.setText(
            _("What is here takes {size}. What is deleted for good cannot come back.").format(size=size)
            if self._found
            else _("The trash is empty.")
        )

    def chosen(self) -> list[AnyBatch]:
        """Return what is selected."""
        return [self._found[self._list.row(item)].batch for item in self._list.selectedItems()]

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Trash"))
        self._list.setAccessibleName(_("What is in the trash"))
        self._restore.setText(_("Bring back"))
        describe(self._restore, _("Bring what is selected back to where it was"))
        self._delete.setText(_("Delete for good"))
        describe(self._delete, _("Delete what is selected from the disk; it cannot come back"))
        self._close.setText(_("Close"))
        describe(self._close, _("Back to the gallery"))
        self.show_batches(self._found)

    @Slot()
    def _on_selected(self) -> None:
        for button in (self._restore, self._delete):
            button.setEnabled(bool(self._list.selectedItems()))

    @Slot()
    def _on_restore(self) -> None:
        self.restore_wished.emit(self.chosen())

    @Slot()
    def _on_delete(self) -> None:
        self.delete_wished.emit(self.chosen())


def _text(held: Held) -> str:
    batch = held.batch
    count = len(held_of(batch))
    if isinstance(batch, TrashBatch):
        words = ngettext("{count} picture", "{count} pictures", count)
    else:
        words = ngettext("{count} checkpoint", "{count} checkpoints", count)
    contents = words.format(count=number_text(count))
    moved = QDateTime.fromString(batch.moved, Qt.DateFormat.ISODateWithMs).toLocalTime()
    when = QLocale().toString(moved, QLocale.FormatType.ShortFormat) if moved.isValid() else batch.moved
    return _("{when}: {pictures}, {size}").format(when=when, pictures=contents, size=size_text(held.size_bytes))


def held_of(batch: AnyBatch) -> Sequence[TrashedImage | TrashedFolder]:
    """Return what a batch holds, one by one."""
    return batch.images if isinstance(batch, TrashBatch) else batch.folders
