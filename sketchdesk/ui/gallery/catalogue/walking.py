"""Reading the folders through in a thread: what is new, changed and gone; how far it is, stopped, and gone on with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.library.index.index import ImageIndex
from sketchdesk.library.progress import seldom
from sketchdesk.ui.gallery.catalogue.index_thread import IndexThread, StoppedError


@dataclass
class _Walk:
    """One walk, as its thread knows it."""

    rebuild: bool
    stop: threading.Event
    is_stopped: bool = False
    """Before all was read."""
    done: int = 0
    total: int = 0


class Walking(QObject):
    """Walks, one walk at a time. What was read when a walk is stopped stays; the next one goes on with the rest.

    Signals:
        at_work(bool): A walk has begun, or has ended in whatever way.
        progressed(int, int): So many pictures are read, of so many that have to be; some times a second.
        walked(): All is read, or what was read when it was stopped.
        stopped(int): The person stopped it, and so many pictures are not read; -1 where that is not known.
        failed(SketchDeskError): It could not go on.
    """

    at_work = Signal(bool)
    progressed = Signal(int, int)
    walked = Signal()
    stopped = Signal(int)
    failed = Signal(object)

    def __init__(self, file: Path, folders: tuple[Path, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = IndexThread(file, folders, self)
        self._thread.failed.connect(self._on_failed)
        self._walk: _Walk | None = None
        self._is_paused = self._rebuilds_next = False

    def walk(self, asked: bool = True, rebuild: bool = False) -> None:
        """Read what is new and changed, or with `rebuild` all of it anew.

        A walk that nobody asked for does not go on with one that the person stopped. One that rebuilds takes the place
        of one that does not: what that has yet to read would be read twice.
        """
        if self._walk is not None:
            if rebuild and not self._walk.rebuild:
                self._rebuilds_next = True
                self._walk.stop.set()
        elif asked or not self._is_paused:
            self.at_work.emit(True)
            self._begin(rebuild)

    def stop(self) -> None:
        """Read nothing more, soon."""
        self._rebuilds_next = False
        if self._walk is not None:
            self._walk.stop.set()

    def close(self) -> None:
        """End the thread; nothing is told any more."""
        self._thread.close()

    def _begin(self, rebuild: bool) -> None:
        self._is_paused = self._rebuilds_next = False
        self._walk = _Walk(rebuild, threading.Event())
        self._thread.ask(partial(_work, self._walk, self._thread, self.progressed.emit), self._on_ended)

    def _on_ended(self, walk: _Walk) -> None:
        if self._rebuilds_next:
            self._begin(rebuild=True)
            return
        self._walk = None
        self.at_work.emit(False)
        self._is_paused = walk.is_stopped
        if walk.is_stopped:
            self.stopped.emit(walk.total - walk.done if walk.total else -1)
        self.walked.emit()

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        self._walk, self._rebuilds_next = None, False
        self.at_work.emit(False)
        self.failed.emit(error)


def _work(walk: _Walk, thread: IndexThread, tell: Callable[[int, int], None], index: ImageIndex) -> _Walk:
    """Walk until all is read, or the person or the window stops it."""
    tell_seldom = seldom(tell)

    def progress(done: int, total: int) -> None:
        thread.check_open()
        walk.done, walk.total = done, total
        if walk.stop.is_set():
            raise StoppedError
        if total:
            tell_seldom(done, total)

    try:
        if walk.rebuild:
            index.rebuild(progress)
        else:
            index.refresh(progress)
    except StoppedError:
        thread.check_open()
        walk.is_stopped = True
    return walk
