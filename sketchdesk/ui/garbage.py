"""Cycles of Python objects are collected in the window's thread, and in no other.

Python collects them in whichever thread happens to make the next object. A cycle may hold widgets, pools and timers,
which Qt lets die only where they were made: elsewhere they end the program, or wait for their own thread for ever.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 200
"""So short that little has come together, and the window does not stand still for it."""


def collect_due() -> None:
    """Collect the oldest generation that has become due by Python's own thresholds, and the younger ones with it."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    if due := [age for age, (count, most) in enumerate(counts) if count > most]:
        gc.collect(max(due))


class GarbageCollector(QObject):
    """Collects now and then from `begin` on; until then, and by Python itself, nothing is collected."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._collect)

    @Slot()
    def begin(self) -> None:
        """Collect from now on, but never look through what is there by now: that takes 40 ms each time."""
        gc.freeze()
        self._timer.start()

    @Slot()
    def _collect(self) -> None:
        collect_due()
