"""What every export takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.index.index import GalleryImage


class Exported(Struct, frozen=True, kw_only=True):
    """What an export made."""

    target: Path
    """What was asked for, and to be shown: the folder, the archive, the first sheet, the page, the table."""
    files: tuple[Path, ...]
    """Every file that was made."""
    images: int
    """How many images are in it."""
    left_out: tuple[Path, ...] = ()
    """Images that are gone or cannot be read."""


def no_progress(_done: int, _total: int) -> None:
    """Take no notice."""


def check_any(images: Sequence[GalleryImage]) -> None:
    """Raise SketchDeskError(BAD_INPUT) where there is nothing to export."""
    if not images:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There are no images to export."))


def check_some_left(images: Sequence[GalleryImage], left_out: Sequence[Path]) -> None:
    """Raise SketchDeskError(BAD_INPUT) where not one image could be read."""
    if len(left_out) >= len(images):
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("None of the images could be read."))


def path_text(path: Path) -> str:
    """Return a path as text, also one that is not."""
    return str(path).encode(errors="backslashreplace").decode()
