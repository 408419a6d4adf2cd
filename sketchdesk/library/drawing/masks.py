"""Masks painted here: kept as PNG files in the data folder, for the pictures drawn with them name them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.paths import home


def masks_dir() -> Path:
    """Return the folder of the masks painted here."""
    return home() / "masks"


def save_mask(png: bytes) -> Path:
    """Keep a mask, given as the bytes of a PNG file, and return its path; the same mask is kept once.

    It is never written over: pictures remember its checksum. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    path = masks_dir() / f"mask-{hashlib.sha256(png).hexdigest()[:16]}.png"
    if not path.is_file():
        with replacing(path) as temporary:
            temporary.write_bytes(png)
    return path
