"""A line above the grid while pictures wait that were drawn without keeping them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.ui.gallery.buttons import chip
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel


class UnsavedBar(QFrame):
    """Says how many there are; hidden while there is none.

    Signals:
        only_wished(bool): Only these pictures are to be shown, or all again.
        save_wished(): All of them are to be saved.
        drop_wished(): All of them are to go to the trash.
    """

    only_wished = Signal(bool)
    save_wished = Signal()
    drop_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_unsaved_bar")
        set_role(self, "inset")
        self._count = 0
        self._text = named(ElidedLabel(minimum_px=80), "gallery_unsaved_text")
        self.only = chip("gallery_unsaved_only", checkable=True)
        self.save = named(QPushButton(), "gallery_unsaved_save")
        self.drop = named(QPushButton(), "gallery_unsaved_drop")
        set_icon(self.save, "save", "text")
        set_icon(self.drop, "trash-2", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        for button in (self.only, self.save, self.drop):
            layout.addWidget(button)
        self.only.clicked.connect(self.only_wished)
        self.save.clicked.connect(self.save_wished)
        self.drop.clicked.connect(self.drop_wished)
        self.hide()
        self.retranslate()

    def show_count(self, count: int, only: bool) -> None:
        """Show how many there are, and whether only they are on show."""
        self._count = count
        self.only.setChecked(only)
        self._show()
        self.setVisible(count > 0)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.only.setText(_("Only these"))
        describe(self.only, _("Show only the pictures that are not saved"))
        self.save.setText(_("Save all"))
        describe(self.save, _("Save all pictures that were drawn without keeping them (Shift+K)"))
        self.drop.setText(_("Drop all"))
        describe(self.drop, _("Move all pictures that are not saved to the trash (Shift+Del)"))
        self._show()

    def _show(self) -> None:
        text = ngettext("{count} picture is not saved.", "{count} pictures are not saved.", self._count)
        self._text.set_full_text(text.format(count=number_text(self._count)))
