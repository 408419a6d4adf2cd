"""Short work off the window's thread: reading folders, copying files. What comes of it is delivered on the thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError

THREADS = 2

Work = Callable[[], Any]
Then = Callable[[Any], object]
T = TypeVar("T")


class Background(QObject):
    """A small pool of threads that belongs to one part of the window; end it with `shutdown`.

    With one thread, work is done in the order it was asked for.

    An error goes to the `failed` of its work; without one it is raised on the window's thread, where it is reported.
    """

    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None, threads: int = THREADS) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._closed = False
        self._done.connect(self._deliver)

    def do(self, work: Work, then: Then, failed: Callable[[Exception], object] | None = None) -> None:
        """Do the work in a thread and give what it returns to `then`, or what it raises to `failed`, on this one."""
        if not self._closed:
            self._pool.start(_Task(self, work, then, failed))

    def shutdown(self) -> None:
        """Drop what has not begun, wait for what has; nothing is delivered any more."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()

    @Slot(object, object)
    def _deliver(self, then: Then, result: Any) -> None:
        if not self._closed:
            then(result)

    def _tell(self, then: Then, result: Any) -> None:
        self._done.emit(then, result)


class _Task(QRunnable):
    def __init__(
        self, owner: Background, work: Work, then: Then, failed: Callable[[Exception], object] | None
    ) -> None:
        super().__init__()
        self._owner, self._work, self._then, self._failed = owner, work, then, failed or _raise

    def run(self) -> None:
        """Do the work."""
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - told on the window's thread, by whoever asked for the work
            self._owner._tell(self._failed, error)
        else:
            self._owner._tell(self._then, result)


def or_failure(work: Callable[[], T]) -> T | SketchDeskError:
    """Do work that writes files; a failure, which has a name then, is what comes of it."""
    try:
        return work()
    except SketchDeskError as error:
        return error
    except OSError as error:
        return SketchDeskError(ErrorKind.NOT_WRITABLE, str(error.filename or error), str(error))


def _raise(error: Exception) -> None:
    raise error
