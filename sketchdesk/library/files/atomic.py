"""Files are written whole or not at all: temporary name in the same folder, sync, rename.

A thread that must not wait for the disk (the window's) renames first and has another one sync: `synced_later`.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError

TEMPORARY_SUFFIX = ".tmp"

_unsynced: ContextVar[list[Path] | None] = ContextVar("unsynced", default=None)
"""Where paths are noted instead of synced, inside `synced_later`."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the system says when writing `path` fails into DISK_FULL or NOT_WRITABLE; the rest passes."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise SketchDeskError(ErrorKind.DISK_FULL, str(path), str(error)) from error
        if error.errno in _REFUSED:
            raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(path), str(error)) from error
        raise


@contextmanager
def synced_later() -> Iterator[list[Path]]:
    """Inside, files are written and renamed without waiting for the disk; yields what to give to `sync` soon after.

    Whole for every process at once, and not lost when this one dies; only a power cut before `sync` may lose it.
    """
    paths: list[Path] = []
    token = _unsynced.set(paths)
    try:
        yield paths
    finally:
        _unsynced.reset(token)


def sync(paths: Iterable[Path]) -> None:
    """Wait until files and folders are on the disk itself, those that are still there; raises as `replacing` does."""
    for path in dict.fromkeys(paths):
        if os.name == "posix" or not path.is_dir():
            with suppress(FileNotFoundError), disk_errors(path):
                _sync(path)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; what was written there takes its place when the block ends well.

    For writers that want a path of their own (safetensors). The folder is made if missing. A block that fails leaves
    the old file as it was and no temporary file. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}")
    try:
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            later = _unsynced.get()
            if later is None:
                _sync(temporary)
            temporary.replace(path)
            if later is not None:
                later += [path, path.parent]
            elif os.name == "posix":  # the new name is only safe once its folder is; Windows has no such call
                _sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def require_writable(folder: Path) -> None:
    """Make a folder if it is missing, and make sure that files can be written into it, before long work is begun.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    probe = folder / f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}"
    try:
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
    except OSError as error:  # a place where no folder can be, as in /proc
        raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(folder), str(error)) from error
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write the file whole, or leave what was there. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with its line ends unchanged, whole or not at all; raises as write_bytes does."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Write a struct, or plain dicts and lists, as indented JSON, whole or not at all; raises as write_bytes does."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def _sync(path: Path) -> None:
    # Windows flushes only through a handle that may write; POSIX opens a folder only for reading.
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
