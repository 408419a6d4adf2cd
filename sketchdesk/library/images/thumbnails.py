"""Thumbnails on disk: made once for every version of a file, and as many as a bounded folder holds."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sketchdesk.library.files.atomic import TEMPORARY_SUFFIX
from sketchdesk.library.images.metadata import unreadable_errors
from sketchdesk.library.images.pictures import read_picture, unreadable
from sketchdesk.library.paths import thumbnails_dir

if TYPE_CHECKING:
    from PIL import Image  # loaded with the first picture, as in images.py

SIDES_PX = (128, 256, 512, 1024)
"""What is kept, so that a turn of the zoom wheel does not make everything anew."""
LIMIT_BYTES = 512 * 2**20
PRUNED_TO = 0.8
"""The share of the limit that pruning leaves, so that it is not needed again at once."""
PRUNE_EVERY_BYTES = 32 * 2**20
TOUCH_AFTER_S = 24 * 3600.0
"""A thumbnail in use is marked as such no more often than this."""

log = logging.getLogger(__name__)

_lock = threading.Lock()
_written_bytes = PRUNE_EVERY_BYTES  # at first an earlier window's are counted


def thumbnail(path: Path, side_px: int) -> Path | bytes:
    """Return a file with the picture at least `side_px` wide or high, or the file's bytes where it cannot be kept.

    A picture that is no larger is used as it is: its own path comes back. Sizes are rounded up to one of SIDES_PX,
    and the largest is the largest there is. From any thread. Raises SketchDeskError(BAD_INPUT) for a file that is
    missing, broken or no picture.
    """
    side = next((side for side in SIDES_PX if side >= side_px), SIDES_PX[-1])
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    kept = _place(path, found.st_mtime_ns, found.st_size, side)
    for file in (kept.with_suffix(".jpg"), kept.with_suffix(".png")):
        if _is_there(file):
            return file
    if _is_small(path, side):
        return path
    data, suffix = _encoded(read_picture(path, side))
    file = kept.with_suffix(suffix)
    try:
        _keep(file, data)
    except OSError as error:
        log.info("a thumbnail could not be kept: %s", error)
        return data
    _count(len(data))
    return file


def prune(limit_bytes: int, keep_share: float = PRUNED_TO) -> int:
    """Delete the thumbnails that were used longest ago if all take more than the limit; return how many.

    So many go that the rest takes no more than `keep_share` of the limit.
    """
    files = []
    for folder in _entries(thumbnails_dir()):
        for entry in _entries(folder.path):
            with suppress(OSError):
                found = entry.stat()
                files.append((found.st_mtime, found.st_size, entry.path))
    total = sum(size for _used, size, _path in files)
    if total <= limit_bytes:
        return 0
    deleted = 0
    for _used, size, file in sorted(files):
        if total <= limit_bytes * keep_share:
            break
        with suppress(OSError):
            Path(file).unlink()
            total -= size
            deleted += 1
    return deleted


def _place(path: Path, mtime_ns: int, size_bytes: int, side_px: int) -> Path:
    """Return where a thumbnail is kept, without its ending; another version of the file has another place."""
    version = f"\0{mtime_ns}\0{size_bytes}\0{side_px}".encode()
    name = hashlib.sha256(os.fsencode(path.absolute()) + version).hexdigest()[:32]
    return thumbnails_dir() / name[:2] / name[2:]


def _is_there(file: Path) -> bool:
    try:
        found = file.stat()
    except OSError:
        return False
    if time.time() - found.st_mtime > TOUCH_AFTER_S:
        with suppress(OSError):
            os.utime(file)
    return found.st_size > 0  # a power cut can leave an empty one


def _keep(file: Path, data: bytes) -> None:
    """Write a thumbnail so that it appears whole, without waiting for the disk: it can be made again."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}")
    try:
        temporary.write_bytes(data)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _is_small(path: Path, side_px: int) -> bool:
    """Tell whether a picture is no larger than a thumbnail of it; it is read to its end, for it may be broken."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            if max(image.size) > side_px:
                return False
            image.load()
            return True
    except unreadable_errors() as error:
        raise unreadable(path, error) from error


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    """Return the file's bytes and its ending: a JPEG with all its colours, or a PNG that lets the ground through."""
    buffer = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(buffer, format="PNG", compress_level=4)
        return buffer.getvalue(), ".png"
    picture.save(buffer, format="JPEG", quality=92, subsampling=0)
    return buffer.getvalue(), ".jpg"


def _count(size_bytes: int) -> None:
    """Prune now and then, in the thread that wrote last."""
    global _written_bytes
    with _lock:
        _written_bytes += size_bytes
        due = _written_bytes > PRUNE_EVERY_BYTES
        if due:
            _written_bytes = 0
    if due:
        prune(LIMIT_BYTES)


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []
