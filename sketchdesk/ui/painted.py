"""What can wait until something is on the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget


class OncePainted(QObject):
    """Does something once a widget has been painted the next time: threads that begin before delay the painting."""

    def __init__(self, widget: QWidget, do: Callable[[], object]) -> None:
        super().__init__(widget)
        self._widget, self._do = widget, do
        self._next_turn = QTimer(self, interval=0, singleShot=True)
        self._next_turn.timeout.connect(self._go)

    def wait(self) -> None:
        """Wait for the paint; with the next turn of the event loop it is done. Whoever waits already waits once."""
        self._widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the paint coming."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._next_turn.start()
        return False

    @Slot()
    def _go(self) -> None:
        self._do()
