"""Whether the disk has room for what is to be fetched, looked at before the first byte."""

from __future__ import annotations

import shutil
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.system import GIB
from sketchdesk.library.wording.number_words import number

SPARE_BYTES = 256 * 1024**2
"""What a download leaves free on the disk."""


def require_room(folder: Path, needed_bytes: int) -> None:
    """Make sure that so many bytes fit where a folder lies. Raises SketchDeskError(DISK_SHORT)."""
    with disk_errors(folder):
        free_bytes = shutil.disk_usage(folder).free
    if needed_bytes and needed_bytes + SPARE_BYTES > free_bytes:
        text = _("{need} GiB are needed, {free} GiB are free")
        sizes = {"need": number((needed_bytes + SPARE_BYTES) / GIB, 1), "free": number(free_bytes / GIB, 1)}
        raise SketchDeskError(ErrorKind.DISK_SHORT, text.format(**sizes), str(folder))
