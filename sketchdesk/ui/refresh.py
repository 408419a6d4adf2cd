"""Fast events shown slowly: what changed is collected and told at once, at most ten times a second."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

REFRESH_MS = 100


class Refresh(QObject):
    """Collects which things changed.

    Signals:
        due(object): The names of what changed since the last time, as a set of str.
    """

    due = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed: set[str] = set()
        self._timer = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._timer.timeout.connect(self.tell)

    @property
    def is_waiting(self) -> bool:
        """Whether something changed that is still to be told."""
        return self._timer.isActive()

    def touch(self, name: str) -> None:
        """Note that a thing changed; it is told within a tenth of a second."""
        self._changed.add(name)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def tell(self) -> None:
        """Tell now what there is to tell."""
        self._timer.stop()
        changed, self._changed = self._changed, set()
        if changed:
            self.due.emit(changed)

    def clear(self) -> None:
        """Forget what changed and tell nothing of it."""
        self._timer.stop()
        self._changed.clear()
