"""Pictures whose files are gone or broken: told together, and taken off the list on demand."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.ui.message import Message

PAUSE_MS = 500


class Vanished(QObject):
    """Gathers files for half a second and tells of them in one message.

    Signals:
        message(Message): Some files are gone.
        take_off_wished(list[Path]): They are to be looked at again, and taken off the list.
    """

    message = Signal(Message)
    take_off_wished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: dict[Path, None] = {}
        self._timer = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._timer.timeout.connect(self._tell)

    @Slot(object)
    def add(self, path: Path) -> None:
        """Tell of a file soon."""
        self._paths[path] = None
        if not self._timer.isActive():
            self._timer.start()

    def shutdown(self) -> None:
        """Tell nothing more."""
        self._timer.stop()

    @Slot()
    def _tell(self) -> None:
        paths, self._paths = list(self._paths), {}
        count = len(paths)
        text = ngettext(
            "The file of {count} picture is gone or cannot be read.",
            "The files of {count} pictures are gone or cannot be read.",
            count,
        )
        self.message.emit(
            Message(
                text.format(count=count),
                details="\n".join(map(str, paths[:100])),
                level="warning",
                action_text=_("Take off the list"),
                action=partial(self.take_off_wished.emit, paths),
            )
        )
