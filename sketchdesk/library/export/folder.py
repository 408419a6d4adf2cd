"""Copies of images in a folder, without overwriting anything there."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from sketchdesk.library.export.names import file_names
from sketchdesk.library.export.outcome import Exported, check_any, check_some_left, no_progress
from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.files.moving import free_place
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress


def export_folder(
    images: Sequence[GalleryImage], target: Path, progress: Progress = no_progress, pattern: str = ""
) -> Exported:
    """Copy the images into the folder `target`, named by a pattern (names.file_names) or by their own names.

    A copy whose name is taken gets a number. Each appears whole; stopped or failed, those made so far stay. Raises
    SketchDeskError: BAD_INPUT (no images, none readable, a wrong pattern), DISK_FULL, NOT_WRITABLE.
    """
    check_any(images)
    copies: list[Path] = []
    left_out: list[Path] = []
    for number, (image, name) in enumerate(zip(images, file_names(images, pattern), strict=True), start=1):
        try:
            copies.append(copy_file(image.path, target, name))
        except OSError:
            left_out.append(image.path)
        progress(number, len(images))
    check_some_left(images, left_out)
    return Exported(target=target, files=tuple(copies), images=len(copies), left_out=tuple(left_out))


def copy_file(source: Path, folder: Path, name: str = "") -> Path:
    """Copy a file into a folder under its own or another name, or with a number where that is taken; return the copy.

    Raises OSError where the file cannot be read, and SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    with (
        source.open("rb") as data,
        free_place(folder, name or source.name) as copy,
        replacing(copy) as temporary,
        temporary.open("wb") as file,
    ):
        shutil.copyfileobj(data, file)
    return copy
