"""Work that reads the disk, done beside the window's thread; what it finds comes back to the window's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

log = logging.getLogger(__name__)


class Background(QObject):
    """One thread that does one thing after another. Close it before it is deleted."""

    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prompt")
        self._is_closed = False
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        """Do `work` in the thread, then call `then` in this object's thread with what it returned.

        `work` answers for its own failures: what it raises is logged, and `then` is not called.
        """
        if not self._is_closed:
            self._pool.submit(self._work, work, then)

    def close(self) -> None:
        """End the thread after what it is doing; nothing is delivered any more."""
        self._is_closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        try:
            found = work()
        except Exception:
            log.exception("work beside the window failed")
            return
        if not self._is_closed:
            self._done.emit(then, found)

    @Slot(object, object)
    def _deliver(self, then: Callable[[Any], object], found: object) -> None:
        if not self._is_closed:
            then(found)
