"""One picture in all the room there is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.buttons import icon_button
from sketchdesk.ui.gallery.grid.thumbnails import Key, Thumbnails
from sketchdesk.ui.gallery.viewing.picture_bar import PictureBar, under_bar
from sketchdesk.ui.gallery.viewing.picture_view import PictureView, Sight
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel


class FullView(QWidget):
    """A picture over the grid, with the ones before and after it one key away.

    Signals:
        closed(): Back to the grid.
        step_wished(int): The next picture (1), or the one before (-1).
    """

    closed = Signal()
    step_wished = Signal(int)

    def __init__(self, originals: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_full")
        self._originals = originals
        self._key: Key | None = None
        self._place = (0, 0)
        self.view = named(PictureView(Sight(self)), "gallery_full_picture")
        self.bar = PictureBar("gallery_full", self.view.sight)
        self._title = named(ElidedLabel(), "gallery_full_title")
        self._place_label = named(QLabel(), "gallery_full_place")
        self._scale = named(QLabel(), "gallery_full_scale")
        self._out = icon_button("gallery_full_out_button", "zoom-out")
        self._in = icon_button("gallery_full_in_button", "zoom-in")
        self._previous = icon_button("gallery_full_previous_button", "chevron-left")
        self._next = icon_button("gallery_full_next_button", "chevron-right")
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        for label in (self._place_label, self._scale):
            set_role(label, "muted")
            label.setFont(fonts.tabular(label.font()))
        self._scale.setMinimumWidth(52)
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar.add(self._title, stretch=1)
        self.bar.add(self._scale, self._out, self._in)
        self.bar.add_behind(self._place_label, self._previous, self._next)
        under_bar(self, self.bar, self.view)
        self.setFocusProxy(self.view)

    def _connect(self) -> None:
        self.bar.back_pressed.connect(self.closed)
        self._out.clicked.connect(self.zoom_out)
        self._in.clicked.connect(self.zoom_in)
        self._previous.clicked.connect(self._on_previous)
        self._next.clicked.connect(self._on_next)
        self.view.scale_changed.connect(self._on_scale)
        self._originals.arrived.connect(self._on_arrived)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.bar.retranslate()
        describe(self._out, _("Smaller"))
        describe(self._in, _("Larger"))
        describe(self._previous, _("The picture before (Left)"))
        describe(self._next, _("The next picture (Right)"))
        self.view.setAccessibleName(_("The picture: the wheel zooms, dragging moves"))
        self._show_place()

    def show_image(self, image: GalleryImage, place: int, count: int, ahead: list[GalleryImage]) -> None:
        """Show an image, the `place`-th of `count`; those `ahead` are read in the meantime."""
        key = Key(image.path, image.mtime_ns, 0)
        if self._key is None or key.path != self._key.path:
            self.view.sight.fit()
        self._key = key
        self._place = (place, count)
        self._title.set_full_text(image.record.full_prompt if image.record else image.path.name)
        self._originals.want([key, *(Key(one.path, one.mtime_ns, 0) for one in ahead)])
        self._show()
        self._show_place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back, Left and Right go on."""
        match event.key():
            case Qt.Key.Key_Escape | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.closed.emit()
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self.step_wished.emit(-1)
            case Qt.Key.Key_Right | Qt.Key.Key_Down | Qt.Key.Key_Space:
                self.step_wished.emit(1)
            case _:
                super().keyPressEvent(event)

    @Slot()
    def zoom_in(self) -> None:
        """Show it larger."""
        self.view.zoom(1)

    @Slot()
    def zoom_out(self) -> None:
        """Show it smaller."""
        self.view.zoom(-1)

    def _show(self) -> None:
        image = self._originals.get(self._key) if self._key else None
        missing = image is not None and image.isNull()
        self.view.show_image(image, _("This picture cannot be read.") if missing else _("Reading …"))

    def _show_place(self) -> None:
        place, count = self._place
        text = _("{place} of {count}").format(place=number_text(place), count=number_text(count))
        self._place_label.setText(text if count else "")
        self._previous.setEnabled(place > 1)
        self._next.setEnabled(place < count)

    @Slot(object)
    def _on_arrived(self, key: Key) -> None:
        if key == self._key:
            self._show()

    @Slot(float)
    def _on_scale(self, scale: float) -> None:
        self._scale.setText(_("{percent} %").format(percent=number_text(100 * scale)))

    @Slot()
    def _on_previous(self) -> None:
        self.step_wished.emit(-1)

    @Slot()
    def _on_next(self) -> None:
        self.step_wished.emit(1)
