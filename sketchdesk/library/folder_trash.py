"""Whole folders in the trash: a training's checkpoints leave it as batches do (library.trash), and come back.

A folder is only renamed, never copied: where the trash lies on another disk it waits beside where it was, and the
batch's manifest in the trash says so. The manifest is written before the first folder moves.
"""

from __future__ import annotations

import errno
import shutil
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.atomic import disk_errors, write_json
from sketchdesk.library.paths import trash_dir

MANIFEST = "folders.json"
BESIDE = ".trash"
"""Beside what was thrown away, where the trash is on another disk."""


class TrashedFolder(Struct, frozen=True, kw_only=True):
    """One folder in the trash."""

    original: Path
    """Where it was."""
    kept: Path
    """Where it is."""


class FolderBatch(Struct, frozen=True, kw_only=True):
    """Folders that were moved to the trash together."""

    folder: Path
    """Its own, with the manifest."""
    moved: str
    """ISO 8601 time in UTC."""
    folders: tuple[TrashedFolder, ...]

    @property
    def size_bytes(self) -> int:
        """How much disk the batch takes; what is linked from elsewhere does not count."""
        return sum(_size(one.kept) for one in self.folders)


def trash_folders(paths: Iterable[Path]) -> FolderBatch:
    """Move folders to the trash, all of them or none, and return the batch.

    Raises SketchDeskError: BAD_INPUT for what is no folder, DISK_FULL, NOT_WRITABLE; all are where they were then.
    """
    wanted = list(dict.fromkeys(paths))
    for path in wanted:
        if not path.is_dir() or path.is_symlink():
            raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{folder}” is no folder.").format(folder=path))
    now = datetime.now(UTC)
    stamp = f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    own = trash_dir() / stamp
    with disk_errors(own):
        own.mkdir(parents=True)
    batch = FolderBatch(
        folder=own, moved=now.isoformat(timespec="microseconds"),
        folders=tuple(
            TrashedFolder(original=path, kept=_place(own, path, number, stamp)) for number, path in enumerate(wanted)
        ),
    )  # fmt: skip
    try:
        write_json(own / MANIFEST, msgspec.to_builtins(batch, enc_hook=str))
        for one in batch.folders:
            with disk_errors(one.original):
                one.kept.parent.mkdir(parents=True, exist_ok=True)
                one.original.rename(one.kept)
    except BaseException:
        # What cannot be put back either is still in the trash, and the manifest says where it was.
        with suppress(OSError, SketchDeskError):
            restore_folders(batch)
        raise
    return batch


def restore_folders(batch: FolderBatch) -> FolderBatch:
    """Bring a batch back; return it with what came back. What has lost its place to something else stays in the trash.

    Raises SketchDeskError(DISK_FULL, NOT_WRITABLE); what was not brought back by then is still in the trash.
    """
    back = []
    for one in batch.folders:
        if one.kept.is_dir() and not one.original.exists():
            with disk_errors(one.original):
                one.original.parent.mkdir(parents=True, exist_ok=True)
                one.kept.rename(one.original)
            back.append(one)
    _forget(batch)
    return msgspec.structs.replace(batch, folders=tuple(back))


def folder_batches() -> list[FolderBatch]:
    """Return the folders in the trash, those moved last first."""
    found = (_read(manifest) for manifest in trash_dir().glob(f"*/{MANIFEST}"))
    return sorted((batch for batch in found if batch), key=lambda batch: batch.moved, reverse=True)


def empty_folders(chosen: Sequence[FolderBatch] | None = None) -> int:
    """Delete batches for good, all of them where none are named; return how many folders there were.

    Raises SketchDeskError(NOT_WRITABLE); what could not be deleted is still in the trash.
    """
    deleted = 0
    for batch in folder_batches() if chosen is None else chosen:
        held = _read(batch.folder / MANIFEST)  # what it says now, not what somebody remembers
        for one in held.folders if held else ():
            with disk_errors(one.kept):
                shutil.rmtree(one.kept)
            deleted += 1
        _forget(batch)
    return deleted


def _place(own: Path, path: Path, number: int, stamp: str) -> Path:
    """Return where a folder is kept: in the batch, or on its own disk beside where it was."""
    if _same_disk(own, path):
        return own / f"{number:05d}-{path.name}"
    return path.parent / BESIDE / f"{stamp}-{path.name}"


def _same_disk(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES):
            return False
        raise


def _read(manifest: Path) -> FolderBatch | None:
    """Return a batch with what is still there of it; None where nothing is, or the manifest cannot be read."""
    try:
        told = msgspec.json.decode(manifest.read_bytes())
        found = convert(told, FolderBatch, dec_hook=lambda kind, value: kind(value))
    except (OSError, msgspec.DecodeError, UnicodeError):
        return None
    held = tuple(
        one for one in found.folders
        if one.kept.is_dir() and (one.kept.parent == manifest.parent or one.kept.parent == one.original.parent / BESIDE)
    )  # fmt: skip
    return FolderBatch(folder=manifest.parent, moved=found.moved, folders=held) if held else None


def _forget(batch: FolderBatch) -> None:
    """Remove a batch's manifest once nothing is left of it, and the folders that held it where they are empty."""
    if _read(batch.folder / MANIFEST) is not None:
        return
    with suppress(OSError):
        (batch.folder / MANIFEST).unlink()
    for place in {batch.folder, *(one.kept.parent for one in batch.folders)}:
        with suppress(OSError):
            place.rmdir()


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            total += 0 if file.is_symlink() or file.is_dir() else file.stat().st_size
    return total
