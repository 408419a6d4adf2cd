"""Images that remember how they were made: records written into image files and read back, other programs' too."""

from __future__ import annotations

import functools
import os
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sketchdesk.contracts.reading import reader
from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.files.placing import write_new
from sketchdesk.library.images.foreign import read_comfyui, read_invokeai
from sketchdesk.library.images.infotext import read_infotext, write_infotext
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.images.texts import A1111, COMFYUI, OURS, other_texts, write_with_texts

if TYPE_CHECKING:
    from PIL import Image  # Pillow comes with the first picture: the window is seen before that

__all__ = ["IMAGE_SUFFIXES", "ImageRecord", "image_files", "read_record", "save_new_image", "save_png",
           "unreadable_errors"]  # fmt: skip

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
INVOKEAI = "invokeai_metadata"


@functools.cache
def unreadable_errors() -> tuple[type[Exception], ...]:
    """Return what Pillow has been seen to raise on files that are not what they say they are."""
    from PIL import Image

    return (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, AttributeError,
            OverflowError, struct.error, zlib.error, Image.DecompressionBombError)  # fmt: skip


def save_png(image: Image.Image, path: Path, record: ImageRecord) -> None:
    """Write the image and its record, whole or not at all. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    with replacing(path) as temporary:
        _write(image, ".png", record, temporary)


def save_new_image(
    image: Image.Image, path: Path, record: ImageRecord, announce: Callable[[Path], object] | None = None
) -> Path:
    """Write the image and its record under the path's name, or the first free one after it, and return where.

    It is a PNG, a JPEG or a WebP by the name's ending; only a PNG has every bit that was drawn.
    Whoever else saves into the folder at the same time, no picture takes another's place. `announce` hears the place
    just before it is taken. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    return write_new(path.parent, path.name, partial(_write, image, path.suffix, record), announce)


def read_record(path: Path) -> ImageRecord | None:
    """Return how an image was made, or None where it does not say so in a way known here. Never raises for a file.

    Ours first, then A1111's, InvokeAI's, ComfyUI's; of a JPEG or WebP see image_texts.
    """
    texts, width, height = _texts(path)
    if OURS in texts:
        try:
            return reader(ImageRecord).decode(texts[OURS])
        except (msgspec.DecodeError, UnicodeError):
            pass  # damaged, or from a version to come: the other texts may still be read
    readers = ((A1111, read_infotext), (INVOKEAI, read_invokeai), (COMFYUI, read_comfyui))
    found = (read(texts[key], width, height) for key, read in readers if key in texts)
    return next((record for record in found if record), None)


def image_files(folder: Path, suffixes: tuple[str, ...] = IMAGE_SUFFIXES) -> list[Path]:
    """Return the images under a folder at any depth, sorted by path; hidden files and folders are left out."""
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        visible = (name for name in names if not name.startswith("."))
        found += [Path(root, name) for name in visible if name.lower().endswith(suffixes)]
    return sorted(found)


def _write(image: Image.Image, suffix: str, record: ImageRecord, file: Path) -> None:
    write_with_texts(image, file, suffix, write_infotext(record), msgspec.json.encode(record).decode())


def _texts(path: Path) -> tuple[dict[str, str], int, int]:
    """Return an image's texts by key, its width and its height; nothing and zeros for what is not an image."""
    from PIL import Image

    try:
        if not path.is_file():  # a pipe would be waited for without end
            return {}, 0, 0
        with Image.open(path) as image:
            texts = {str(key): str(value) for key, value in image.info.items() if isinstance(value, str)}
            if A1111 not in texts:
                texts |= other_texts(image)
            return texts, *image.size
    except unreadable_errors():
        return {}, 0, 0
