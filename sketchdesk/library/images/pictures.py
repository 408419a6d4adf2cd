"""Pictures read from any file: upright, in colours, no larger than needed; broken ones are told in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.images.metadata import unreadable_errors

if TYPE_CHECKING:
    from PIL import Image  # loaded with the first picture, as in images.py

LYING = (5, 6, 7, 8)
"""The values of Exif's orientation that stand for a picture turned by a quarter."""


def read_picture(path: Path, side_px: int | None = None) -> Image.Image:
    """Return a picture as RGB, or as RGBA where it lets the ground through; at most `side_px` wide and high.

    Raises SketchDeskError(BAD_INPUT) for a file that is missing, broken or no picture.
    """
    from PIL import Image

    if not path.is_file():  # a pipe would be waited for without end
        raise unreadable(path, FileNotFoundError("no such file"))
    try:
        with Image.open(path) as opened:
            if side_px is not None:
                opened.draft("RGB", (2 * side_px, 2 * side_px))  # a JPEG is decoded at a fraction of its size
            return upright(opened, side_px)
    except unreadable_errors() as error:
        raise unreadable(path, error) from error


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return a picture's width and height in pixels, upright, without decoding it; None where it cannot be read."""
    from PIL import ExifTags, Image

    if not path.is_file():
        return None
    try:
        with Image.open(path) as opened:
            width, height = opened.size
            lies = opened.getexif().get(ExifTags.Base.Orientation, 1) in LYING
    except unreadable_errors():
        return None
    return (height, width) if lies else (width, height)


def unreadable(path: Path, error: Exception) -> SketchDeskError:
    """Return the sentence for a file that could not be read as a picture."""
    message = _("“{file}” could not be read as an image.").format(file=path.name)
    return SketchDeskError(ErrorKind.BAD_INPUT, message, f"{path}: {type(error).__name__}: {error}")


def upright(opened: Image.Image, side_px: int | None = None) -> Image.Image:
    """Return an opened picture as `read_picture` does. Raises one of unreadable_errors() where it is broken."""
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(opened)
    if picture.mode.startswith("I"):  # 16 bits of grey: Pillow cuts off what is over 255
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if side_px is not None and max(picture.size) > side_px:
        picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture
