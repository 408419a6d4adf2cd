"""One at a time: a small file is read, changed and written while no other window or command does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import disk_errors

WAIT_S = 10.0
"""Changes take milliseconds; who holds a file for longer hangs."""


class HeldError(SketchDeskError):
    """Another thread or process holds a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(ErrorKind.NOT_WRITABLE, str(path), "another program holds it")


@contextmanager
def only_one(path: Path, waits: bool = True) -> Iterator[None]:
    """Keep every other thread and process that asks here from changing a file, until the block ends. Not to be nested.

    Raises SketchDeskError(NOT_WRITABLE) where the folder cannot be written, and HeldError where another holds the file
    too long, or at all for one that does not wait: the window's thread. A holder that dies lets go.
    """
    from filelock import FileLock, Timeout  # here: the window reads such files as it starts, and changes none

    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=WAIT_S if waits else 0)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout as error:
            raise HeldError(path) from error
        except NotImplementedError:
            pass  # a disk without locks: as good as it can be there
    try:
        yield
    finally:
        lock.release()
