"""What is known of the picture that is selected, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.buttons import icon_button
from sketchdesk.ui.gallery.viewing.facts_table import FactsTable, breakable
from sketchdesk.ui.gallery.viewing.picture_frame import PictureFrame
from sketchdesk.ui.gallery.words import facts_of, title_of
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.column_scroll import ColumnScroll
from sketchdesk.ui.widgets.giving_button import GivingButton

WIDTH_PX = 288


class Inspector(QFrame):
    """The panel at the right of the grid.

    Signals:
        again_wished(): Draw the picture again.
        settings_wished(): Put its settings into the prompt panel.
        base_wished(): Show it beside the base model's at the same seed.
        folder_wished(): Show the file in the file manager.
        open_wished(): Show it in full.
        save_wished(), drop_wished(): Save it, or move it to the trash: it was drawn without keeping it.
    """

    again_wished = Signal()
    settings_wished = Signal()
    base_wished = Signal()
    folder_wished = Signal()
    open_wished = Signal()
    save_wished = Signal()
    drop_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_inspector")
        set_role(self, "panel")
        self._image: GalleryImage | None = None
        self._count = 0
        self._picture = named(PictureFrame(), "inspector_picture")
        self._prompt = named(QLabel(), "inspector_prompt")
        self._copy = icon_button("inspector_copy_button", "copy")
        self._facts = FactsTable("inspector_facts")
        self._hint = named(QLabel(), "inspector_hint")
        self._save = named(GivingButton(), "inspector_save_button")
        self._drop = named(GivingButton(), "inspector_drop_button")
        self._again = named(GivingButton(), "inspector_again_button")
        self._use = named(GivingButton(), "inspector_use_button")
        self._base = named(GivingButton(), "inspector_base_button")
        self._folder = named(QPushButton(), "inspector_folder_button")
        self._build()
        self._save.clicked.connect(self.save_wished)
        self._drop.clicked.connect(self.drop_wished)
        self._again.clicked.connect(self.again_wished)
        self._use.clicked.connect(self.settings_wished)
        self._base.clicked.connect(self.base_wished)
        self._folder.clicked.connect(self.folder_wished)
        self._picture.pressed.connect(self.open_wished)
        self._copy.clicked.connect(self.copy)
        self.retranslate()

    def _build(self) -> None:
        set_role(self._prompt, "heading")
        set_role(self._hint, "muted")
        for label in (self._prompt, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._prompt.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._prompt.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for button, icon in ((self._base, "columns-2"), (self._folder, "folder-open"), (self._drop, "trash-2")):
            set_icon(button, icon, "text")
        self._folder.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        set_role(self._save, "primary")
        set_icon(self._save, "save", "on_accent")
        heading = QHBoxLayout()
        heading.addWidget(self._prompt, 1)
        heading.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(16, 12, 16, 12)
        page.setSpacing(12)
        page.addWidget(self._picture)
        page.addLayout(heading)
        page.addWidget(self._facts)
        page.addWidget(self._hint)
        page.addStretch(1)
        self._buttons = QWidget()
        buttons = QGridLayout(self._buttons)
        buttons.setContentsMargins(16, 8, 16, 16)
        buttons.setSpacing(8)
        buttons.addWidget(self._save, 0, 0)
        buttons.addWidget(self._drop, 0, 1)
        buttons.addWidget(self._again, 1, 0)
        buttons.addWidget(self._use, 1, 1)
        compare = QHBoxLayout()
        compare.addWidget(self._base, 1)
        compare.addWidget(self._folder)
        buttons.addLayout(compare, 2, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(ColumnScroll("inspector_scroll", self._page), 1)
        layout.addWidget(self._buttons)
        self.setMinimumWidth(232)

    def sizeHint(self) -> QSize:
        """Wide enough for a seed and a model beside their names."""
        return QSize(WIDTH_PX, 600)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._save.set_full_text(_("Save"))
        describe(self._save, _("Keep this picture: it goes where its run was to draw (K)"))
        self._drop.set_full_text(_("Drop"))
        describe(self._drop, _("Move this picture to the trash (Del)"))
        self._again.set_full_text(_("Make again"))
        describe(self._again, _("Draw this picture again, to the last bit"))
        self._use.set_full_text(_("Use settings"))
        describe(self._use, _("Put the settings of this picture into the prompt panel (A)"))
        self._base.set_full_text(_("Compare with base"))
        describe(self._base, _("Show this picture beside the base model's at the same seed; it is drawn if need be"))
        describe(self._folder, _("Show the file in the file manager"))
        describe(self._copy, _("Copy the prompt and all settings"))
        describe(self._picture, _("Show the picture in full"))
        self._show()

    @property
    def image(self) -> GalleryImage | None:
        """The image on show."""
        return self._image

    def show_image(self, image: GalleryImage | None, count: int) -> None:
        """Show what is known of an image; `count` are selected."""
        if image != self._image and (image is None or self._image is None or image.path != self._image.path):
            self._picture.show_image(None)
        self._image, self._count = image, count
        self._show()

    def show_picture(self, picture: QImage | None) -> None:
        """Show the image itself, once it is read."""
        self._picture.show_image(picture)

    @Slot()
    def copy(self) -> None:
        """Copy everything to the clipboard, a line each."""
        if self._image:
            lines = [self._prompt_text(), *(f"{name}: {value}" for name, value in facts_of(self._image))]
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _prompt_text(self) -> str:
        assert self._image is not None
        return title_of(self._image)

    def _show(self) -> None:
        image, record = self._image, self._image.record if self._image else None
        for widget in (self._picture, self._prompt, self._copy, self._facts, self._buttons):
            widget.setVisible(image is not None)
        self._hint.setVisible(image is None or self._count > 1 or record is None)
        self._hint.setText(self._hint_text())
        if image is None:
            return
        self._prompt.setText(breakable(self._prompt_text()))
        self._facts.set_facts(facts_of(image))
        self._save.setVisible(image.unsaved)
        self._drop.setVisible(image.unsaved)
        self._again.setEnabled(record is not None)
        self._use.setEnabled(record is not None)
        self._base.setEnabled(record is not None and record.seed is not None)

    def _hint_text(self) -> str:
        if self._image is None:
            return _("Select a picture to see how it was made.")
        if self._count > 1:
            return ngettext("{count} picture selected", "{count} pictures selected", self._count).format(
                count=self._count
            )
        return _("This picture does not say how it was made.")
