"""A thread with an index of its own: asked in the window's thread, answered there, waiting never."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.index.index import ImageIndex

Ask = Callable[[ImageIndex], Any]
Then = Callable[[Any], object]

log = logging.getLogger(__name__)


class StoppedError(Exception):
    """Raised inside long work when the window closes."""


class IndexThread(QThread):
    """Does what it is asked, one thing after another, with an index that it opens at the first. End it with close().

    Signals:
        failed(SketchDeskError): Something could not be done; its `then` is not called.
    """

    failed = Signal(object)
    _answered = Signal(object, object)

    def __init__(self, file: Path, folders: tuple[Path, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self._folders = folders
        self._inbox: SimpleQueue[tuple[Ask, Then] | None] = SimpleQueue()
        self._closing = False
        self._answered.connect(self._on_answered)

    def ask(self, work: Ask, then: Then) -> None:
        """Do `work` in the thread and give its result to `then` in the thread of the window."""
        if self._closing:
            return
        self._inbox.put((work, then))
        if not self.isRunning():
            self.start()

    def check_open(self, _done: int = 0, _total: int = 0) -> None:
        """Raise StoppedError once the window closes; for the progress of long work."""
        if self._closing:
            raise StoppedError

    def close(self) -> None:
        """Drop what was not begun, wait for what was, and end the thread."""
        self._closing = True
        self._inbox.put(None)
        self.wait()

    def run(self) -> None:
        """Work until close() is called."""
        index: ImageIndex | None = None
        try:
            while (task := self._inbox.get()) is not None and not self._closing:
                work, then = task
                try:
                    index = index or self._open()
                    self._answered.emit(then, work(index))
                except StoppedError:
                    continue
                except SketchDeskError as error:
                    self.failed.emit(error)
                except Exception as error:  # the thread must live on, whatever one question meets
                    log.exception("the gallery's index could not answer")
                    self.failed.emit(SketchDeskError(ErrorKind.INTERNAL, details=f"{type(error).__name__}: {error}"))
        finally:
            if index:
                index.close()

    def _open(self) -> ImageIndex:
        return ImageIndex(self._file, self._folders)

    @Slot(object, object)
    def _on_answered(self, then: Then, result: Any) -> None:
        if not self._closing:
            then(result)
