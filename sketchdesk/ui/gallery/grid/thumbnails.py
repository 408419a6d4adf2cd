"""Small pictures, read in threads: what is seen first, what was scrolled past never, what was seen lately not again."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from sketchdesk.library.system import usable_processors

THREADS = min(2, usable_processors())
"""More would take the processor from the painting."""
CALM_MS = 40
"""What is in sight for a shorter time is scrolled past."""
CACHE_BYTES = 256 * 2**20
SIDES_PX = (128, 256, 512)
"""What is read, so that a turn of the wheel does not read everything anew."""

Read = Callable[[Path, int], QImage]


class Key(NamedTuple):
    """One version of a file, at one size."""

    path: Path
    version: int
    """Another number when the file holds another picture."""
    side_px: int


def side_for(pixels: float) -> int:
    """Return the size to read for a cell of so many device pixels."""
    return next((side for side in SIDES_PX if side >= pixels), SIDES_PX[-1])


class Thumbnails(QObject):
    """Keeps pictures by key, and reads those that are wanted now. End it with shutdown().

    Signals:
        arrived(Key): A picture can be had, or is known to be unreadable.
    """

    arrived = Signal(object)
    _done = Signal(object, QImage)

    def __init__(self, read: Read, parent: QObject | None = None) -> None:
        """Make a keeper of what `read` gives for a path and a side in pixels; a null image means unreadable.

        `read` is called in threads and must not raise.
        """
        super().__init__(parent)
        self._read = read
        self._images: OrderedDict[Key, QImage] = OrderedDict()
        self._bytes = 0
        self._last_of: dict[Path, Key] = {}
        self._lock = threading.Lock()
        self._seen: set[Key] = set()
        self._wish: list[Key] = []
        self._calm = QTimer(self, interval=CALM_MS, singleShot=True)
        self._calm.timeout.connect(self._on_calm)
        self._wanted: deque[Key] = deque()
        self._reading: set[Key] = set()
        self._readers = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._done.connect(self._on_done)

    def get(self, key: Key) -> QImage | None:
        """Return the picture, a null image where it cannot be read, or None where it has not been read yet."""
        image = self._images.get(key)
        if image is not None:
            self._images.move_to_end(key)
        return image

    def last_of(self, path: Path) -> QImage | None:
        """Return any picture read of a file, perhaps an older one or of another size, to show meanwhile."""
        key = self._last_of.get(path)
        return self._images.get(key) if key else None

    def want(self, seen: Iterable[Key], ahead: Iterable[Key] = ()) -> None:
        """Say what is seen now, first things first, and what may be next; what was not begun before is forgotten.

        While other things are seen every moment, only those that stay are read, and the rest once it is calm.
        """
        now = dict.fromkeys(seen)
        staying = [key for key in now if key in self._seen]
        self._seen, self._wish = set(now), [*now, *ahead]
        self._begin(staying if self._calm.isActive() else self._wish)
        self._calm.start()

    @Slot()
    def _on_calm(self) -> None:
        self._begin(self._wish)

    def _begin(self, keys: Iterable[Key]) -> None:
        missing = [key for key in dict.fromkeys(keys) if key not in self._images]
        with self._lock:
            self._wanted = deque(key for key in missing if key not in self._reading)
            starting = min(THREADS, len(self._wanted)) - self._readers
            self._readers += max(starting, 0)
        for _number in range(starting):
            self._pool.start(self._read_wanted)

    def forget(self, paths: Iterable[Path]) -> None:
        """Drop what is kept of some files."""
        gone = set(paths)
        for key in [key for key in self._images if key.path in gone]:
            self._drop(key)

    def shutdown(self) -> None:
        """Read nothing more and wait for what is being read."""
        self._calm.stop()
        with self._lock:
            self._wanted.clear()
        self._pool.waitForDone()

    def _read_wanted(self) -> None:
        """Read until nothing is wanted; the work of one thread."""
        while True:
            with self._lock:
                if not self._wanted:
                    self._readers -= 1
                    return
                key = self._wanted.popleft()
                self._reading.add(key)
            self._done.emit(key, self._read(key.path, key.side_px))

    @Slot(object, QImage)
    def _on_done(self, key: Key, image: QImage) -> None:
        with self._lock:
            self._reading.discard(key)
        if key not in self._images:
            self._images[key] = image
            self._bytes += image.sizeInBytes()
            if not image.isNull():
                self._last_of[key.path] = key
            while self._bytes > CACHE_BYTES and len(self._images) > 1:
                self._drop(next(iter(self._images)))
        self.arrived.emit(key)

    def _drop(self, key: Key) -> None:
        self._bytes -= self._images.pop(key).sizeInBytes()
        if self._last_of.get(key.path) == key:
            del self._last_of[key.path]
