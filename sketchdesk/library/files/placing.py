"""A finished file gets a name that nobody else has, also where several programs save into one folder at a time."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import TEMPORARY_SUFFIX, disk_errors, sync

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What disks without hard links say: FAT, and some of a network's."""


def write_new(
    folder: Path, name: str, write: Callable[[Path], object], announce: Callable[[Path], object] | None = None
) -> Path:
    """Have `write` fill a temporary file, give it `name` in the folder, or the first free one after it, and return it.

    The file appears whole, and replaces no other, whoever saves there at the same time. `announce` hears the name
    just before it is taken. The folder is made if missing. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE), and what
    `write` raises; nothing is left then.
    """
    temporary = folder / f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}"
    try:
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write(temporary)
            sync([temporary])
            place = _placed(temporary, folder, Path(name), announce)
            sync([folder])
            return place
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def move_new(source: Path, folder: Path) -> Path:
    """Move a file into a folder, under its own name or the first free one after it, and return where it is.

    To another disk it goes as a copy that is compared before the source goes. Raises FileNotFoundError where there is
    no source, and SketchDeskError(DISK_FULL or NOT_WRITABLE); the source is where it was then.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            place = _placed(source, folder, Path(source.name), None)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            place = write_new(folder, source.name, lambda temporary: _copy(source, temporary))
            source.unlink()
    sync([folder])
    return place


def _copy(source: Path, target: Path) -> None:
    shutil.copy2(source, target)
    if not filecmp.cmp(source, target, shallow=False):
        raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(target), "the copy differs from the file")


def _placed(file: Path, folder: Path, name: Path, announce: Callable[[Path], object] | None) -> Path:
    """Give a file of the folder's disk the first free name; its old name goes."""
    for number in count(1):
        place = folder / (name.name if number == 1 else f"{name.stem}-{number}{name.suffix}")
        if place.exists():
            continue
        if announce:
            announce(place)
        with suppress(FileExistsError):  # taken since we looked
            _take(file, place)
            return place
    raise AssertionError  # count() has no end


def _take(file: Path, place: Path) -> None:
    """Give a file a name, in one step that fails where it is taken. Raises FileExistsError, OSError."""
    if os.name == "nt":
        file.rename(place)  # refuses there what is taken; elsewhere it would replace it
        return
    try:
        place.hardlink_to(file)
    except OSError as error:
        if error.errno not in _NO_LINKS or not file.exists():
            raise
        place.touch(exist_ok=False)
        file.replace(place)
        return
    file.unlink()
