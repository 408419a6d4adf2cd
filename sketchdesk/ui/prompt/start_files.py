"""The picture to begin with and its mask: chosen in dialogs, read beside the window's thread, painted over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.masks import save_mask
from sketchdesk.library.drawing.source_picture import read_mask, read_source
from sketchdesk.library.images.metadata import IMAGE_SUFFIXES
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import named
from sketchdesk.ui.prompt.mask_dialog import MaskDialog
from sketchdesk.ui.prompt.mask_pixels import mask_png
from sketchdesk.ui.prompt.start_card import SIDE_PX, StartCard
from sketchdesk.ui.widgets.qt_image import qt_image
from sketchdesk.workers.background import Background

PAINT_PX = 1024
"""A picture is painted over at most this large: finer than any model's latent cells."""
SHARPNESS = 3
"""How many pixels of a thumbnail there are for one of the card's, at most: for dense screens and long pictures."""


@dataclass(frozen=True)
class Read:
    """A picture and its mask as small as asked; `problem` where one could not be read."""

    picture: QImage
    mask: QImage
    problem: str = ""


class StartFiles(QObject):
    """Fills the card, and asks for files and masks on its behalf.

    Signals:
        message(Message): Something could not be done.
    """

    message = Signal(Message)

    def __init__(self, card: StartCard, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._card, self._background, self._window = card, background, window
        self._shown = ("", "")
        card.changed.connect(self._on_changed)
        card.picture_dropped.connect(self.start_from)
        card.mask_wanted.connect(self.ask_mask)
        card.paint_wanted.connect(self._read_to_paint)

    @Slot(object)
    def start_from(self, path: Path) -> None:
        """Begin with a picture; it is drawn anew as far as the one before, and nothing of it is masked."""
        self._shown = ("", "")  # read anew, though it be the same: it may be another one by now
        self._card.set_value(str(path), "", self._card.strength)

    @Slot()
    def ask_picture(self) -> None:
        """Let the person choose a picture to begin with."""
        self._ask(_("Start from a picture"), "prompt_start_dialog").fileSelected.connect(self._on_picture)

    @Slot()
    def ask_mask(self) -> None:
        """Let the person choose a picture as a mask."""
        self._ask(_("Choose a mask: white where it is drawn anew"), "prompt_mask_file_dialog").fileSelected.connect(
            self._card.set_mask
        )

    @Slot(str)
    def _on_picture(self, name: str) -> None:
        self.start_from(Path(name))

    @Slot()
    def _on_changed(self) -> None:
        asked = (self._card.picture, self._card.mask_image)
        if asked == self._shown:
            return
        self._shown = asked
        if asked[0]:
            self._background.do(partial(read_both, *asked, SIDE_PX * SHARPNESS), partial(self._show, asked))

    def _show(self, asked: tuple[str, str], read: Read) -> None:
        if asked == (self._card.picture, self._card.mask_image):
            self._card.show_pictures(read.picture, read.mask, read.problem)
            self._card.changed.emit()  # a problem is one of the whole panel

    @Slot()
    def _read_to_paint(self) -> None:
        asked = (self._card.picture, self._card.mask_image)
        self._background.do(partial(read_both, *asked, PAINT_PX), self._paint)

    def _paint(self, read: Read) -> None:
        if read.picture.isNull():
            self.message.emit(Message(read.problem, _("Choose another picture."), level="error"))
            return
        dialog = MaskDialog(read.picture, read.mask, self._window)
        dialog.painted.connect(self._on_painted)
        dialog.open()

    @Slot(QImage)
    def _on_painted(self, paint: QImage) -> None:
        self._background.do(lambda: save_mask(mask_png(paint)), self._on_saved, self._on_refused)

    def _on_saved(self, path: Path) -> None:
        self._card.set_mask(str(path))

    def _on_refused(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self.message.emit(of_error(error))

    def _ask(self, title: str, name: str) -> QFileDialog:
        dialog = named(QFileDialog(self._window, title), name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        suffixes = " ".join(f"*{suffix}" for suffix in IMAGE_SUFFIXES)
        dialog.setNameFilter(_("Images ({suffixes})").format(suffixes=suffixes))
        dialog.open()
        return dialog


def read_both(picture: str, mask: str, side_px: int) -> Read:
    """Return a picture at most `side_px` wide and high, and its mask, if there is one, in just the same size."""
    from PIL import Image  # loaded with the first picture, not with the window

    try:
        source = read_source(Path(picture))
    except SketchDeskError as error:
        return Read(QImage(), QImage(), error.message)
    source.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    try:
        greys = qt_image(read_mask(Path(mask)).resize(source.size)) if mask else QImage()
    except SketchDeskError as error:
        return Read(qt_image(source), QImage(), error.message)
    return Read(qt_image(source), greys)
