"""The settings in use: read by every panel, changed in one place, saved at once without waiting for the disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.files.atomic import sync, synced_later
from sketchdesk.library.files.locking import WAIT_S, HeldError
from sketchdesk.library.settings import Settings, change_settings
from sketchdesk.ui.message import Message, of_error

log = logging.getLogger(__name__)

Change = Callable[[Settings], Settings]

RETRY_MS = 200
TRIES = round(WAIT_S * 1000 / RETRY_MS)


class SettingsStore(QObject):
    """Holds the settings. End it with shutdown().

    When `change` returns, the file is there for every process; a thread, which Python waits for when it ends, has it
    brought to the disk itself. Where another program holds the file, the window does not wait for it: it tries again
    a little later, and goes on until then.

    Signals:
        changed(Settings): They are different now.
        message(Message): They could not be saved; they count for this session all the same.
    """

    changed = Signal(Settings)
    message = Signal(Message)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = settings
        self._unwritten: list[Change] = []
        """In the order in which they were made."""
        self._tries = 0
        self._again = QTimer(self, interval=RETRY_MS, singleShot=True)
        self._again.timeout.connect(self._write)

    def change(self, **values: Any) -> None:
        """Change some settings by name, tell and save them."""
        self.alter(lambda settings: msgspec.structs.replace(settings, **values))

    def alter(self, change: Change) -> None:
        """Change settings by what they are, tell and save them.

        In the file they are changed as they stand there: what another program has changed meanwhile is kept.
        """
        changed = change(self.value)
        if changed == self.value:
            return
        self.value = changed
        self.changed.emit(changed)
        self._unwritten.append(change)
        if not self._again.isActive():
            self._write()

    def shutdown(self) -> None:
        """Leave what could not be written yet to a thread, which waits for the file."""
        if self._again.isActive():
            self._again.stop()
            Thread(target=_write_last, args=(self._all_unwritten(),), name="settings").start()

    @Slot()
    def _write(self) -> None:
        try:
            with synced_later() as paths:
                change_settings(self._all_unwritten(), waits=False)
        except HeldError as error:
            self._tries += 1
            if self._tries < TRIES:
                self._again.start()
            else:
                self._end_writing(error)
        except SketchDeskError as error:
            self._end_writing(error)
        else:
            self._end_writing()
            Thread(target=_sync, args=(paths,), name="settings").start()

    def _end_writing(self, error: SketchDeskError | None = None) -> None:
        self._unwritten, self._tries = [], 0
        self._again.stop()
        if error:
            self.message.emit(of_error(error))

    def _all_unwritten(self) -> Change:
        changes = tuple(self._unwritten)
        return lambda settings: reduce(lambda value, change: change(value), changes, settings)


def _write_last(change: Change) -> None:
    try:
        change_settings(change)
    except SketchDeskError:
        log.warning("the last settings could not be saved", exc_info=True)


def _sync(paths: Sequence[Path]) -> None:
    try:
        sync(paths)
    except (SketchDeskError, OSError):
        log.warning("the settings may not be on the disk itself", exc_info=True)
