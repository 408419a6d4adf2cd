"""What is in the trash, pictures, checkpoints and models: to bring back, or to delete for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHeaderView, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.trash.whole_trash import Batch, contents, kind_of, places_of
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text, size_text
from sketchdesk.ui.shell.dialogs import ask_before_emptying
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.icons import icon, set_icon
from sketchdesk.ui.theme.manager import set_role, theme
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

WIDTH_PX, HEIGHT_PX = 720, 460
MOST_PLACES = 20
"""In a tooltip."""
_ICONS = {"picture": "image", "checkpoint": "layers", "model": "package"}


class Held(NamedTuple):
    """What went to the trash together, and the disk it takes."""

    batch: Batch
    size_bytes: int


class TrashDialog(QDialog):
    """Lists what was moved to the trash together, the last first. It does nothing itself.

    Signals:
        restore_wished(list[Batch]): These are to come back.
        delete_wished(list[Batch]): These are to be deleted for good.
    """

    restore_wished = Signal(object)
    delete_wished = Signal(object)

    def __init__(self, found: Sequence[Held], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trash_dialog")
        self._found = tuple(found)
        self._sentence = named(QLabel(), "trash_sentence")
        self._list = named(QTreeWidget(), "trash_list")
        self._restore = named(QPushButton(), "trash_restore_button")
        self._delete = named(QPushButton(), "trash_delete_button")
        self._empty = named(QPushButton(), "trash_empty_button")
        self._close = named(QPushButton(), "trash_close_button")
        self._build()
        self._restore.clicked.connect(self._on_restore)
        self._delete.clicked.connect(self._on_delete)
        self._empty.clicked.connect(self._on_empty)
        self._close.clicked.connect(self.accept)
        self._list.itemSelectionChanged.connect(self._on_selected)
        theme().changed.connect(self._refresh)
        self.retranslate()

    def _build(self) -> None:
        self._sentence.setWordWrap(True)
        set_role(self._sentence, "muted")
        set_icon(self._restore, "undo-2", "text")
        set_icon(self._delete, "trash-2", "muted")
        set_role(self._close, "primary")
        self._list.setColumnCount(3)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self._list.setFont(fonts.tabular(self._list.font()))
        header = named(self._list.header(), "trash_list_header")
        set_role(header, "aligned")
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        for column, mode in enumerate(("Stretch", "ResizeToContents", "ResizeToContents")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
        foot = foot_row([self._restore, self._delete, self._empty], [self._close])
        fill_dialog(self, [self._sentence, self._list], foot, grows=self._list)
        self.resize(WIDTH_PX, HEIGHT_PX)

    def show_batches(self, found: Sequence[Held]) -> None:
        """Show what is in the trash now; what was selected stays so."""
        chosen = {batch.folder for batch in self.chosen()}
        self._found = tuple(found)
        self._list.clear()
        for held in self._found:
            item = _item(held)
            self._list.addTopLevelItem(item)
            item.setSelected(held.batch.folder in chosen)
        self._on_selected()
        self._empty.setEnabled(bool(self._found))
        self._sentence.setText(
            _("What is here takes {size}. What is deleted for good cannot come back.").format(size=self._size())
            if self._found
            else _("The trash is empty.")
        )

    def chosen(self) -> list[Batch]:
        """Return what is selected."""
        rows = sorted(self._list.indexOfTopLevelItem(item) for item in self._list.selectedItems())
        return [self._found[row].batch for row in rows]

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Trash"))
        self._list.setAccessibleName(_("What is in the trash"))
        self._list.setHeaderLabels([_("What"), _("Thrown away"), _("Size")])
        self._list.headerItem().setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._restore.setText(_("Bring back"))
        describe(self._restore, _("Bring what is selected back to where it was"))
        self._delete.setText(_("Delete for good"))
        describe(self._delete, _("Delete what is selected from the disk; it cannot come back"))
        self._empty.setText(_("Empty the trash…"))
        describe(self._empty, _("Delete all that is here from the disk, after a question"))
        self._close.setText(_("Close"))
        describe(self._close, _("Back to the gallery"))
        self.show_batches(self._found)

    def _size(self) -> str:
        return size_text(sum(held.size_bytes for held in self._found))

    @Slot()
    def _refresh(self) -> None:
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

    @Slot()
    def _on_empty(self) -> None:
        ask_before_emptying(self, self._size(), self._on_emptying)

    @Slot()
    def _on_emptying(self) -> None:
        self.delete_wished.emit([held.batch for held in self._found])


def _item(held: Held) -> QTreeWidgetItem:
    batch = held.batch
    moved = QDateTime.fromString(batch.moved, Qt.DateFormat.ISODateWithMs).toLocalTime()
    when = QLocale().toString(moved, QLocale.FormatType.ShortFormat) if moved.isValid() else batch.moved
    places = places_of(batch)
    item = QTreeWidgetItem([contents(batch, number_text(len(places))), when, size_text(held.size_bytes)])
    item.setIcon(0, icon(_ICONS[kind_of(batch)], "muted"))
    item.setToolTip(0, "\n".join(str(place) for place in places[:MOST_PLACES]))
    item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
