"""A file that arrives in pieces, perhaps over days and processes, and counts only once its checksum is right."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.hub.files import HubFile

CHUNK_BYTES = 1024**2
SHA256_DIGITS = 64


class PartialFile:
    """A file of the hub at `path`, as far as it has come; what an earlier process left there is read first.

    Use as a context manager. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """

    def __init__(self, path: Path, file: HubFile, check: Callable[[], None]) -> None:
        """Open the file; `check` is called while what is there is read again, and may raise."""
        self.size = 0
        self._path, self._wanted = path, file
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("r+b" if path.exists() else "w+b")
        try:
            self.start_again(keep=True)
            self._read_what_is_there(check)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with disk_errors(self._path):
            self._file.close()

    def is_whole(self) -> bool:
        """Whether all bytes are there, right or wrong."""
        return self.size >= self._wanted.size_bytes

    def is_right(self) -> bool:
        """Whether what is there is the file."""
        return self.size == self._wanted.size_bytes and self._digest.hexdigest() == self._wanted.digest

    def append(self, chunk: bytes) -> None:
        """Add bytes; they are on the way to the disk, not yet safe there."""
        with disk_errors(self._path):
            self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def start_again(self, keep: bool = False) -> None:
        """Forget what has come so far; `keep` leaves it on the disk, to be read."""
        self._digest = digest_for(self._wanted)
        self.size = 0
        if not keep:
            with disk_errors(self._path):
                self._file.seek(0)
                self._file.truncate()

    def save_as(self, target: Path) -> None:
        """Give the finished file its name; it is safe on the disk then."""
        with disk_errors(target):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            target.parent.mkdir(parents=True, exist_ok=True)
            self._path.replace(target)

    def _read_what_is_there(self, check: Callable[[], None]) -> None:
        if self._path.stat().st_size > self._wanted.size_bytes:
            self.start_again()
            return
        self._file.seek(0)
        while chunk := self._file.read(min(CHUNK_BYTES, self._wanted.size_bytes - self.size)):
            self._digest.update(chunk)
            self.size += len(chunk)
            check()


def digest_for(file: HubFile) -> Any:
    """Return a hash object that ends up with the file's digest when it has seen the file's bytes."""
    if len(file.digest) == SHA256_DIGITS:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)  # how git names a file


def matches(path: Path, file: HubFile, tell: Callable[[int], None]) -> bool:
    """Tell whether the file at `path` is the hub's; `tell` hears of every so many bytes and may raise.

    Raises OSError where it cannot be read.
    """
    digest = digest_for(file)
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
            tell(len(chunk))
    return bool(digest.hexdigest() == file.digest)
