"""Reads memory and disk every two seconds, off the window's thread, and warns when something is wrong."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.text import _
from sketchdesk.library.paths import home
from sketchdesk.library.system import LOW_DISK_GIB, SystemLoad, folder_id, read_system
from sketchdesk.ui.message import Message
from sketchdesk.ui.numbers import gib_text
from sketchdesk.workers.background import Background

INTERVAL_MS = 2000


class SystemWatch(QObject):
    """Looks at the machine while it lives.

    Signals:
        measured(SystemLoad): A new reading.
        folder_made_again(): The data folder was deleted by somebody and is there again, empty.
        message(Message): The disk is nearly full (once), or the data folder was gone.
    """

    measured = Signal(object)
    folder_made_again = Signal()
    message = Signal(object)

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder or home()
        self._folder_id = folder_id(self._folder)
        self._background = Background(self)
        self._is_reading = False
        self._warned = False
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and then again and again."""
        self._timer.start()
        self.look()

    def shutdown(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._background.shutdown()

    @Slot()
    def look(self) -> None:
        """Take one reading, unless one is on its way: a disk may be slow to answer."""
        if not self._is_reading:
            self._is_reading = True
            self._background.do(partial(read_system, self._folder), self._on_read)

    def _on_read(self, load: SystemLoad) -> None:
        self._is_reading = False
        self.measured.emit(load)
        if load.folder_id != self._folder_id:  # whoever needed it first may have made it again already
            home()
            self._folder_id = folder_id(self._folder)
            self.folder_made_again.emit()
            self.message.emit(
                Message(
                    _("The data folder {folder} was deleted; it was made again.").format(folder=self._folder),
                    _("If that was a mistake, close SketchDesk and put the old folder back."),
                    level="warning",
                )
            )
        self._watch_disk(load)

    def _watch_disk(self, load: SystemLoad) -> None:
        if load.disk_free_gib is None or self._warned or load.disk_free_gib >= LOW_DISK_GIB:
            return
        self._warned = True
        self.message.emit(
            Message(
                _("Only {free} GiB are left on the disk.").format(free=gib_text(load.disk_free_gib)),
                _("Free some space before you train or draw many images."),
                level="warning",
            )
        )
