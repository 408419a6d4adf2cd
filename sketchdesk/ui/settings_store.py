"""The settings in use: read by every panel, changed in one place, saved at once without waiting for the disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.atomic import sync, synced_later
from sketchdesk.library.settings import Settings, change_settings
from sketchdesk.ui.message import Message, of_error

log = logging.getLogger(__name__)


class SettingsStore(QObject):
    """Holds the settings.

    When `change` returns, the file is there for every process; a thread, which Python waits for when it ends, has it
    brought to the disk itself.

    Signals:
        changed(Settings): They are different now.
        message(Message): They could not be saved; they count for this session all the same.
    """

    changed = Signal(Settings)
    message = Signal(Message)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = settings

    def change(self, **values: Any) -> None:
        """Change some settings by name, tell and save them."""
        self.alter(lambda settings: msgspec.structs.replace(settings, **values))

    def alter(self, change: Callable[[Settings], Settings]) -> None:
        """Change settings by what they are, tell and save them.

        In the file they are changed as they stand there: what another program has changed meanwhile is kept.
        """
        changed = change(self.value)
        if changed == self.value:
            return
        self.value = changed
        self.changed.emit(changed)
        try:
            with synced_later() as paths:
                change_settings(change)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
        else:
            Thread(target=_sync, args=(paths,), name="settings").start()


def _sync(paths: Sequence[Path]) -> None:
    try:
        sync(paths)
    except (SketchDeskError, OSError):
        log.warning("the settings may not be on the disk itself", exc_info=True)
