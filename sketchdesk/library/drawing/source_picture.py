"""The picture a drawing begins with, and its mask: read from any file, mended in memory, never written."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

from sketchdesk.library.images.pictures import read_picture, unreadable

if TYPE_CHECKING:
    from PIL import Image  # loaded with the first picture, as in images.py

LONGEST_PX = 16_384
"""A longer side is no picture to draw from."""
MUCH_LARGER = 2.0
"""By how much a picture may have more or fewer pixels than a model was trained on and still be drawn at its size."""


def read_source(path: Path) -> Image.Image:
    """Return a picture as RGB, upright, transparency on white; the first of an animation.

    Raises SketchDeskError(BAD_INPUT) for a file that is missing, broken, no picture or far too large.
    """
    return flat(_checked(path), "white")


def read_mask(path: Path) -> Image.Image:
    """Return a mask in greys, white where it is drawn anew; transparency counts as black. Raises as read_source()."""
    return flat(_checked(path), "black").convert("L")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file. Raises SketchDeskError(BAD_INPUT) where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def drawn_size(size: tuple[int, int], side_px: int, cell_px: int) -> tuple[int, int]:
    """Return the width and height to draw a picture of `size` at, with a model trained on `side_px` pixels a side.

    Its own, in whole latent cells; with far more or fewer pixels than the model knows, scaled to as many as it does.
    """
    width, height = size
    share = width * height / side_px**2
    scale = 1.0 if 1 / MUCH_LARGER <= share <= MUCH_LARGER else 1 / math.sqrt(share)
    whole_width, whole_height = (max(cell_px, int(px * scale) // cell_px * cell_px) for px in (width, height))
    return whole_width, whole_height


def _checked(path: Path) -> Image.Image:
    picture = read_picture(path)
    if max(picture.size) > LONGEST_PX:
        raise unreadable(path, ValueError(f"{picture.width} × {picture.height} pixels"))
    return picture


def flat(picture: Image.Image, ground: str) -> Image.Image:
    """Return a picture as RGB, its transparent parts laid on a ground of one colour."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    from PIL import Image

    return Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture).convert("RGB")
