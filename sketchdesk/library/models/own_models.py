"""Models the person adds: copied into the data folder, taken out to the trash. Sources stay untouched."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.files.moving import free_name
from sketchdesk.library.hub.room import require_room
from sketchdesk.library.models.installed import check_model
from sketchdesk.library.models.whole_models import whole
from sketchdesk.library.paths import models_dir
from sketchdesk.library.trash.folder_trash import FolderBatch, trash_folders

CHUNK_BYTES = 4 * 1024**2

CARD_FILE = "README.md"
CARD_LIMIT_BYTES = 200_000


class CopyCancelledError(Exception):
    """The person did not want the copy any more; nothing of it is left."""


def copy_model(source: Path, tell: Callable[[float], None], is_cancelled: Callable[[], bool]) -> Path:
    """Copy a model folder or file into the data folder and return the copy, which appears whole or not at all.

    `tell` hears the fraction that is done, 0..1. Raises CopyCancelledError; SketchDeskError as check_model does for
    what is no model, DISK_SHORT before a byte is copied, or DISK_FULL or NOT_WRITABLE.
    """
    check_model(source)
    files = dict(_files(whole(source)))
    total_bytes = sum(path.stat().st_size for path in files.values()) or 1
    folder = models_dir()
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    require_room(folder, total_bytes)
    temporary = folder / f".{uuid.uuid4().hex}"
    done_bytes = 0
    try:
        with disk_errors(folder):
            for relative, path in files.items():
                target = temporary / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                for count in _copy(path, target):
                    if is_cancelled():
                        raise CopyCancelledError
                    done_bytes += count
                    tell(min(1.0, done_bytes / total_bytes))
            made = free_name(folder / source.name)
            (temporary / source.name if source.is_file() else temporary).rename(made)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return made


def is_own_copy(path: Path) -> bool:
    """Tell whether a model lies in the data folder's models, the only ones that can be thrown away here."""
    return path.parent == models_dir()


def trash_model(path: Path) -> FolderBatch:
    """Move an own copy to the trash and return the batch, for restore_folders.

    Raises SketchDeskError: NOT_WRITABLE, also for a model that is not a copy of ours; BAD_INPUT, DISK_FULL.
    """
    if not is_own_copy(path):
        raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(path))
    return trash_folders([path], "model")


def read_card(path: Path) -> str:
    """Return a model folder's card (README.md) as text, "" where there is none."""
    with suppress(OSError), (path / CARD_FILE).open("rb") as file:
        return file.read(CARD_LIMIT_BYTES).decode("utf-8", errors="replace")
    return ""


def _files(source: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each file of a model, as its place in the copy and where it is read; hidden ones are left out."""
    if source.is_file():
        yield Path(source.name), source
        return
    for root, folders, names in os.walk(source, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(source), path


def _copy(source: Path, target: Path) -> Iterator[int]:
    """Copy a file, yielding how many bytes each step has copied."""
    with source.open("rb") as read, target.open("wb") as written:
        while chunk := read.read(CHUNK_BYTES):
            written.write(chunk)
            yield len(chunk)
        written.flush()
        os.fsync(written.fileno())
