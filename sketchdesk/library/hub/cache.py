"""What other programs have fetched already: the hub's cache is read, never written to."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from huggingface_hub import constants

from sketchdesk.library.hub.files import HubFile

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
