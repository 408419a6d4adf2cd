"""The trash: images leave their folders for a folder of ours and come back when they are asked for.

A batch is a folder with a manifest that says where every file came from. The manifest is written before the first file
moves, so that a crash at any point leaves each file either where it was or where the manifest says.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors, write_bytes
from sketchdesk.library.files.moving import free_place, move_over
from sketchdesk.library.images.metadata import IMAGE_SUFFIXES
from sketchdesk.library.images.renamed import Renaming, note_renamings
from sketchdesk.library.images.stars import move_stars
from sketchdesk.library.images.tags import move_tags
from sketchdesk.library.paths import home, trash_dir
from sketchdesk.library.runs.runs import list_runs
from sketchdesk.library.settings import load_settings

MANIFEST = "images.json"

Told = Callable[[Path, Path], object]
"""Hears of each thing that is back where it was and is now, also of those before one that cannot come back."""


class TrashedImage(Struct, frozen=True, kw_only=True):
    """One image in the trash."""

    original: Path
    """Where it was."""
    kept: Path
    """Where it is."""


class TrashBatch(Struct, frozen=True, kw_only=True):
    """What was moved to the trash together."""

    folder: Path
    moved: str
    """ISO 8601 time in UTC."""
    images: tuple[TrashedImage, ...]

    @property
    def size_bytes(self) -> int:
        """How much disk the batch takes."""
        return sum(_size(image.kept) for image in self.images)


def move_to_trash(paths: Iterable[Path], folders: Sequence[Path] = ()) -> TrashBatch:
    """Move images to the trash, all of them or none; those that are gone already are left out.

    Only images in the data folder, in the folder where images go, in those that runs draw into, and in `folders`.
    Raises SketchDeskError: BAD_INPUT for any other file, DISK_FULL or NOT_WRITABLE; all images are where they were
    then.
    """
    chosen = [path for path in dict.fromkeys(path.absolute() for path in paths) if path.is_file()]
    _check_ours(chosen, folders)
    now = datetime.now(UTC)
    folder = trash_dir() / f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    images = tuple(
        TrashedImage(original=path, kept=folder / f"{number:05d}{path.suffix}")
        for number, path in enumerate(chosen)
    )
    batch = TrashBatch(folder=folder, moved=now.isoformat(timespec="microseconds"), images=images)
    if images:
        _write_manifest(batch)
        _move_in(batch)
        _carry({image.original: image.kept for image in images if image.kept.is_file()})
    return _as_it_is(batch)


def restore(batch: TrashBatch, told: Told = lambda old, now: None) -> dict[Path, Path]:
    """Bring a batch back; return where each image was and is now: its old place, or beside it where that is taken.

    `told` hears of each image that is back. What is not in the trash any more is left out. Raises
    SketchDeskError(DISK_FULL or NOT_WRITABLE); what was not brought back by then is still in the trash.
    """
    back: dict[TrashedImage, Path] = {}
    try:
        for image in batch.images:
            if not image.kept.is_file():
                continue
            with free_place(image.original.parent, image.original.name) as place:
                move_over(image.kept, place)
            back[image] = place
            told(image.original, place)
    finally:  # also where the disk refuses half-way
        _carry({image.kept: place for image, place in back.items()})
        _note_new_names(batch, back)
    _forget(batch.folder)
    return {image.original: place for image, place in back.items()}


def batches() -> list[TrashBatch]:
    """Return what is in the trash, the last moved first; a folder there that is no batch of images is left out."""
    found = (_read(manifest) for manifest in trash_dir().glob(f"*/{MANIFEST}"))
    return sorted((batch for batch in found if batch), key=lambda batch: (batch.moved, batch.folder.name), reverse=True)


def empty_trash(chosen: Iterable[TrashBatch] | None = None) -> int:
    """Delete batches for good, all of them where none are named; return how many images there were.

    Raises SketchDeskError(NOT_WRITABLE); what could not be deleted is still in the trash.
    """
    deleted = 0
    for batch in batches() if chosen is None else chosen:
        if batch.folder.parent != trash_dir() or not (batch.folder / MANIFEST).is_file():
            continue
        with disk_errors(batch.folder):
            shutil.rmtree(batch.folder)
        deleted += len(batch.images)
    return deleted


def _check_ours(paths: Sequence[Path], folders: Sequence[Path]) -> None:
    """Raise SketchDeskError(BAD_INPUT) for the first path that is no image of ours. Runs are only read if need be."""
    ours = _real([home(), load_settings().images_folder, *folders])
    strange = [path for path in paths if not _lies_in(path, ours)]
    if strange:
        drawn_into = _real(
            [Path(run.job.out_dir) for run in list_runs() if isinstance(run.job, GenerateJob | StudyJob)]
        )
        strange = [path for path in strange if not _lies_in(path, drawn_into)]
    strange += [path for path in paths if path.suffix.lower() not in IMAGE_SUFFIXES]
    if strange:
        message = _("“{file}” is not an image of SketchDesk, so it was left where it is.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message.format(file=strange[0]))


def _real(folders: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(folder.expanduser().resolve() for folder in folders))


def _lies_in(path: Path, folders: Sequence[Path]) -> bool:
    place = path.parent.resolve()  # a link in our folder is ours, whatever it leads to
    return any(place.is_relative_to(folder) for folder in folders)


def _move_in(batch: TrashBatch) -> None:
    try:
        for image in batch.images:
            with suppress(FileNotFoundError):  # gone since we looked
                move_over(image.original, image.kept)
    except BaseException:
        # What cannot be put back either is still in the trash, and the manifest says where it was.
        with suppress(OSError, SketchDeskError):
            restore(batch)
        raise


def _carry(places: Mapping[Path, Path]) -> None:
    """Let stars and tags follow."""
    for move in (move_stars, move_tags):
        with suppress(SketchDeskError):  # the images themselves have moved; what could not stays where it was
            move(places)


def _note_new_names(batch: TrashBatch, back: Mapping[TrashedImage, Path]) -> None:
    """Let what runs tell of images under their old names be told of those that came back under another."""
    since_s = time.time()
    try:
        until_s = datetime.fromisoformat(batch.moved).timestamp()
    except ValueError:  # somebody wrote into the manifest
        until_s = since_s
    renamings = [
        Renaming(old=image.original, until_s=until_s, new=place, since_s=since_s)
        for image, place in back.items()
        if place != image.original
    ]
    with suppress(SketchDeskError):
        note_renamings(renamings)


def _as_it_is(batch: TrashBatch) -> TrashBatch:
    images = tuple(image for image in batch.images if image.kept.is_file())
    return TrashBatch(folder=batch.folder, moved=batch.moved, images=images)


def _write_manifest(batch: TrashBatch) -> None:
    files = [{"original": str(image.original), "name": image.kept.name} for image in batch.images]
    # Python's own JSON: it can write down a file name that is not text, and read it back.
    text = json.dumps({"version": 1, "moved": batch.moved, "files": files}, indent=1)
    write_bytes(batch.folder / MANIFEST, text.encode() + b"\n")


def _read(manifest: Path) -> TrashBatch | None:
    """Return a batch with what is still there of it, or None where nothing is or the manifest cannot be read."""
    folder = manifest.parent
    try:
        values = json.loads(manifest.read_bytes())
        images = tuple(
            TrashedImage(original=Path(file["original"]), kept=folder / Path(file["name"]).name)
            for file in values["files"]
        )
        batch = _as_it_is(TrashBatch(folder=folder, moved=str(values["moved"]), images=images))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return batch if batch.images else None


def _forget(folder: Path) -> None:
    """Remove a batch's manifest and folder once no file is left in it."""
    with suppress(OSError):
        if {file.name for file in folder.iterdir()} <= {MANIFEST}:
            shutil.rmtree(folder)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
