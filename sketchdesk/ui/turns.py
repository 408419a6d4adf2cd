"""Something large is made step by step, one a turn of the event loop, so that the window goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Slot

T = TypeVar("T")
BREATH_MS = 1
"""Not nothing: other timers that are due have their turn between two steps."""


class Turns(QObject):
    """Takes the steps of an iterator; between two of them the window paints and answers."""

    def __init__(self, steps: Iterator[object] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Iterator[object] = iter(())
        self._timer = QTimer(self, interval=BREATH_MS)
        self._timer.timeout.connect(self._step)
        if steps is not None:
            self.take(steps)

    def take(self, steps: Iterator[object]) -> None:
        """Take these steps from now on; those that are left of others are dropped."""
        self._steps = steps
        self._timer.start()

    def finish(self) -> None:
        """Take all steps that are left, now."""
        self._timer.stop()
        for _step in self._steps:
            pass

    def stop(self) -> None:
        """Take no more steps."""
        self._timer.stop()

    @Slot()
    def _step(self) -> None:
        if next(self._steps, self) is self:
            self._timer.stop()


def whole(steps: Iterator[T | None]) -> T:
    """Take all steps of what is built in turns, now, and return the last: the whole. None are not whole."""
    *_before, last = steps
    assert last is not None
    return last
