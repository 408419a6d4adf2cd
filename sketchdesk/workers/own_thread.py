"""Work in a thread of its own, which nobody has to wait for when it is no longer wanted."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal


class Stopped(Exception):  # noqa: N818 - no error
    """The work was stopped before its end."""


class OwnThread(QObject):
    """One piece of work, begun with start(); a subclass says which, in `work`, and calls check() often in it.

    Signals:
        found(object): It is done, and what came of it.
        failed(Exception): It is not, and why; Stopped after stop().
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin."""
        # The thread keeps this object alive; a daemon, so that work that does not hear keeps no program from its end.
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def stop(self) -> None:
        """End it where it next checks; returns at once."""
        self._stop.set()

    def check(self) -> None:
        """Raise Stopped after stop()."""
        if self._stop.is_set():
            raise Stopped

    def work(self) -> object:
        """Do the work, in the thread, and return what comes of it."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            result = self.work()
        except Exception as error:  # noqa: BLE001 - told on the window's thread
            self.failed.emit(error)
        else:
            self.found.emit(result)
