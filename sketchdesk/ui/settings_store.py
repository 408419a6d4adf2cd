"""The settings in use: read by every panel, changed in one place, saved at once."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.settings import Settings, save_settings
from sketchdesk.ui.message import Message, of_error


class SettingsStore(QObject):
    """Holds the settings.

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
        changed = msgspec.structs.replace(self.value, **values)
        if changed == self.value:
            return
        self.value = changed
        self.changed.emit(changed)
        try:
            save_settings(changed)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
