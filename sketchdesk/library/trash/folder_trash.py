"""Whole folders in the trash, checkpoints and models: they leave and come back as batches of images do (trash.trash).

A model may be one file; the note of where it came from, beside it, goes with it. Nothing is copied, only renamed: where
the trash lies on another disk a folder waits beside where it was, and the batch's manifest in the trash says so. The
manifest is written before the first folder moves.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors, write_bytes
from sketchdesk.library.files.moving import free_name
from sketchdesk.library.hub.manifest import manifest_path
from sketchdesk.library.paths import trash_dir
from sketchdesk.library.trash.trash import Told

MANIFEST = "folders.json"
BESIDE = ".trash"
"""Beside what was thrown away, where the trash is on another disk."""

Kind = Literal["checkpoint", "model"]


class TrashedFolder(Struct, frozen=True, kw_only=True):
    """One folder in the trash, or a model's one file."""

    original: Path
    """Where it was."""
    kept: Path
    """Where it is."""


class FolderBatch(Struct, frozen=True, kw_only=True):
    """What was moved to the trash together."""

    folder: Path
    """Its own, with the manifest."""
    moved: str
    """ISO 8601 time in UTC."""
    folders: tuple[TrashedFolder, ...]
    kind: Kind = "checkpoint"

    @property
    def size_bytes(self) -> int:
        """How much disk the batch takes; what is linked from elsewhere does not count."""
        return sum(_size(one.kept) for one in self.folders)


def trash_folders(paths: Iterable[Path], kind: Kind = "checkpoint") -> FolderBatch:
    """Move folders to the trash, all of them or none, and return the batch.

    Raises SketchDeskError: BAD_INPUT for what is not there, DISK_FULL, NOT_WRITABLE; all are where they were then.
    """
    wanted = list(dict.fromkeys(paths))
    for path in wanted:
        if not _is_there(path):
            raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{folder}” is no folder.").format(folder=path))
    now = datetime.now(UTC)
    stamp = f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    own = trash_dir() / stamp
    with disk_errors(own):
        own.mkdir(parents=True)
    batch = FolderBatch(
        folder=own, moved=now.isoformat(timespec="microseconds"), kind=kind,
        folders=tuple(
            TrashedFolder(original=path, kept=_place(own, path, number, stamp)) for number, path in enumerate(wanted)
        ),
    )  # fmt: skip
    try:
        write_manifest(batch)
        for one in batch.folders:
            _move(one.original, one.kept)
    except BaseException:
        # What cannot be put back either is still in the trash, and the manifest says where it was.
        with suppress(OSError, SketchDeskError):
            restore_folders(batch)
        raise
    return batch


def restore_folders(batch: FolderBatch, told: Told = lambda old, now: None) -> dict[Path, Path]:
    """Bring a batch back; return where each folder was and is now; `told` hears of each that is back.

    Where its place is taken a model comes back beside it; a checkpoint, which is known by its name, stays in the trash,
    and when all others are back SketchDeskError(BAD_INPUT) says so. Raises also SketchDeskError(DISK_FULL,
    NOT_WRITABLE); what was not brought back by then is still in the trash.
    """
    back: dict[Path, Path] = {}
    for one in batch.folders:
        place = free_name(one.original) if batch.kind == "model" else one.original
        if _is_there(one.kept) and not _is_there(place):
            _move(one.kept, place)
            back[one.original] = place
            told(one.original, place)
    _forget(batch)
    if taken := [one.original for one in batch.folders if _is_there(one.kept)]:
        text = _("“{folder}” is there again, so the one that was thrown away stays in the trash.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(folder=taken[0]))
    return back


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
            _delete(one.kept)
            deleted += 1
        _forget(batch)
    return deleted


def write_manifest(batch: FolderBatch) -> None:
    """Write down what a batch holds. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    # Python's own JSON: it can write down a file name that is not text, and read it back.
    text = json.dumps(msgspec.to_builtins(batch, enc_hook=str), indent=2)
    write_bytes(batch.folder / MANIFEST, text.encode() + b"\n")


def _place(own: Path, path: Path, number: int, stamp: str) -> Path:
    """Return where a folder is kept: in the batch, or on its own disk beside where it was."""
    if _same_disk(own, path):
        return own / f"{number:05d}-{path.name}"
    return path.parent / BESIDE / f"{stamp}-{path.name}"


def _same_disk(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_dev == other.lstat().st_dev
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES):
            return False
        raise


def _is_there(path: Path) -> bool:
    """Tell whether something lies there, be it a link that leads nowhere."""
    return os.path.lexists(path)


def _move(source: Path, target: Path) -> None:
    note = manifest_path(source)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        if note.parent != source and note.is_file():  # a folder's lies in it
            note.replace(manifest_path(target))


def _delete(kept: Path) -> None:
    """Delete a folder, or a file with the note beside it; of a link only the link."""
    note = manifest_path(kept)
    with disk_errors(kept):
        if kept.is_dir() and not kept.is_symlink():
            shutil.rmtree(kept)
        else:
            kept.unlink()
            note.unlink(missing_ok=True)  # where the link led to a folder, it is out of reach now


def _read(manifest: Path) -> FolderBatch | None:
    """Return a batch with what is still there of it; None where nothing is, or the manifest cannot be read."""
    try:
        told = json.loads(manifest.read_bytes())
        found = convert(told, FolderBatch, dec_hook=lambda kind, value: kind(value))
    except (OSError, ValueError, RecursionError):  # msgspec's ValidationError is a ValueError
        return None
    held = tuple(
        one for one in found.folders
        if _is_there(one.kept) and one.kept.parent in (manifest.parent, one.original.parent / BESIDE)
    )  # fmt: skip
    return msgspec.structs.replace(found, folder=manifest.parent, folders=held) if held else None


def _forget(batch: FolderBatch) -> None:
    """Remove a batch's manifest once nothing is left of it, and the folders that held it where they are empty."""
    if _read(batch.folder / MANIFEST) is not None:
        return
    with suppress(OSError):
        (batch.folder / MANIFEST).unlink()
    for place in {batch.folder, *(one.kept.parent for one in batch.folders)}:
        with suppress(OSError):
            place.rmdir()


def _size(kept: Path) -> int:
    total = 0
    for file in (kept, *(kept.rglob("*") if not kept.is_symlink() else ())):
        with suppress(OSError):
            total += 0 if file.is_symlink() or file.is_dir() else file.stat().st_size
    return total
