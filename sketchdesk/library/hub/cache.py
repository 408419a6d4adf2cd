"""What other programs have fetched already: the hub's cache is read, never written to."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from huggingface_hub import constants

from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.hub.files import HubFile
from sketchdesk.library.hub.partial_file import CHUNK_BYTES

_CACHE_VARIABLE = "HF_HUB_CACHE"


def cached_file(file: HubFile) -> Path | None:
    """Return a file of the cache that should be this one, from whichever repository: blobs are named by checksum."""
    cache = Path(os.environ.get(_CACHE_VARIABLE) or constants.HF_HUB_CACHE).expanduser()
    with suppress(OSError):
        for blob in cache.glob(f"models--*/blobs/{file.digest}"):
            if blob.stat().st_size == file.size_bytes:
                return blob.resolve()
    return None


def link(blob: Path, place: Path) -> bool:
    """Give a file of the cache a second name; False where the disk cannot, or the two are on different ones."""
    try:
        os.link(blob, place)
    except OSError:
        return False
    return True


def copy(blob: Path, part: Path, check: Callable[[], None]) -> None:
    """Copy a file of the cache; `check` is called now and then and may raise, which leaves as much as was copied.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    with disk_errors(part), blob.open("rb") as source, part.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
            check()
