"""The tags of one or many pictures: which all of them have, which some, and new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.images.tags import tags_in
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.ui.widgets.field import Field

NONE, SOME, ALL = Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Checked


class TagDialog(QDialog):
    """Every tag there is, ticked where all pictures have it and half ticked where some do, and a line for new ones.

    Signals:
        chosen(list[int], list[str], list[str]): These images are to be given the first tags and lose the others.
    """

    chosen = Signal(object, object, object)

    def __init__(
        self, images: Sequence[GalleryImage], known: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """Ask for the tags of `images`; `known` are those of all images there are."""
        super().__init__(parent)
        self.setObjectName("tag_dialog")
        self._ids = [image.id for image in images]
        counts = Counter(tag for image in images for tag in image.tags)
        self._count = named(QLabel(), "tag_count")
        self._new = QLineEdit()
        self._field = Field("tag_new", self._new)
        self._list = named(QListWidget(), "tag_list")
        self._none_yet = named(QLabel(), "tag_none_yet")
        self._cancel = named(QPushButton(), "tag_cancel_button")
        self._apply = named(QPushButton(), "tag_apply_button")
        self._states: dict[str, Qt.CheckState] = {}
        for tag in sorted({*known, *counts}, key=str.casefold):
            self._add(tag, ALL if counts[tag] == len(images) else SOME if counts[tag] else NONE)
        completer = QCompleter(list(self._states), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._new.setCompleter(completer)
        self._build()
        self._cancel.clicked.connect(self.reject)
        self._apply.clicked.connect(self._on_apply)
        self.retranslate()

    def _build(self) -> None:
        set_role(self._count, "heading")
        set_role(self._none_yet, "muted")
        self._none_yet.setWordWrap(True)
        self._none_yet.setVisible(not self._states)
        self._list.setVisible(bool(self._states))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # a long tag is elided
        set_role(self._apply, "primary")
        self._apply.setDefault(True)
        parts = [self._count, self._field, self._list, self._none_yet]
        fill_dialog(self, parts, foot_row([], [self._cancel, self._apply]), grows=self._list)
        self.setMinimumWidth(360)
        self._new.setFocus()

    def _add(self, tag: str, state: Qt.CheckState) -> None:
        self._states[tag] = state
        item = QListWidgetItem(tag, self._list)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(state)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Tags"))
        count = len(self._ids)
        text = ngettext("Tags of {count} picture", "Tags of {count} pictures", count)
        self._count.setText(text.format(count=number_text(count)))
        self._field.set_text(_("New tags, with commas between them"), _("Tags to give to all these pictures"))
        self._list.setAccessibleName(_("Tags: a tick for those that the pictures have"))
        self._none_yet.setText(_("No picture has a tag yet. Tags are kept in the library, not in the picture's file."))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Leave the tags as they are"))
        self._apply.setText(_("Apply"))
        describe(self._apply, _("Give and take the tags"))

    def changes(self) -> tuple[list[str], list[str]]:
        """Return the tags to give and those to take away, as the ticks and the line stand."""
        items = [self._list.item(row) for row in range(self._list.count())]
        changed = [item for item in items if item.checkState() != self._states[item.text()]]
        add = [item.text() for item in changed if item.checkState() == ALL]
        return [*add, *tags_in(self._new.text())], [item.text() for item in changed if item.checkState() == NONE]

    @Slot()
    def _on_apply(self) -> None:
        add, remove = self.changes()
        if add or remove:
            self.chosen.emit(self._ids, add, remove)
        self.accept()
