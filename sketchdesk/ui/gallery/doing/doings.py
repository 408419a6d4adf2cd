"""What can be done with the picture that is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.text import _
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.index.index import GalleryImage, ImageIndex
from sketchdesk.ui import desktop
from sketchdesk.ui.message import Message


class Doings(QObject):
    """Turns wishes about one picture into settings; without a picture nothing happens.

    Signals:
        settings_wished(ImageRecord), prompt_wished(ImageRecord), seed_wished(int): To be used for drawing.
        start_wished(Path): The picture itself is to be drawn from.
        message(Message): What was done, or why not.
    """

    settings_wished = Signal(object)
    prompt_wished = Signal(object)
    seed_wished = Signal(object)
    start_wished = Signal(object)
    message = Signal(Message)

    def __init__(self, current: Callable[[], GalleryImage | None], parent: QObject | None = None) -> None:
        """Act on what `current` returns at the time."""
        super().__init__(parent)
        self._current = current

    def has_record(self) -> bool:
        """Tell whether the picture says how it was made."""
        return self._record() is not None

    @Slot()
    def use_all(self) -> None:
        """Use the picture's settings for drawing."""
        if record := self._record():
            self.settings_wished.emit(record)

    @Slot()
    def use_prompt(self) -> None:
        """Use the picture's prompt for drawing."""
        if record := self._record():
            self.prompt_wished.emit(record)

    @Slot()
    def use_seed(self) -> None:
        """Use the picture's seed for drawing."""
        record = self._record()
        if record is not None and record.seed is not None:
            self.seed_wished.emit(record.seed)

    @Slot()
    def use_as_start(self) -> None:
        """Draw from the picture."""
        if image := self._current():
            self.start_wished.emit(image.path)

    def use_dropped(self, record: ImageRecord | None) -> None:
        """Use the settings of an image that was dropped, if it told any."""
        if record is None:
            self.message.emit(Message(_("This image does not say how it was made."), level="warning"))
        else:
            self.settings_wished.emit(record)

    @Slot()
    def open_folder(self) -> None:
        """Show the picture's file in the file manager."""
        image = self._current()
        if image and not desktop.open_folder(image.path):
            self.message.emit(Message(_("The folder could not be opened."), details=str(image.path.parent)))

    def _record(self) -> ImageRecord | None:
        image = self._current()
        return image.record if image else None


def first_record(paths: Sequence[Path], _index: ImageIndex) -> ImageRecord | None:
    """Return the record of the first image that has one; the work of a thread."""
    return next((record for path in paths if (record := read_record(path))), None)
