"""The shapes pictures are trained in: one square, or aspect buckets of about its area; and the cut from a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageOps

WIDEST = 2.0
"""The long side of a bucket, in short sides, at most."""


class Shape(NamedTuple):
    """Pixels of what is trained on."""

    width: int
    height: int


def buckets(side_px: int, step_px: int) -> tuple[Shape, ...]:
    """Return the shapes of at most side_px² pixels, sides in whole steps, from 1:2 to 2:1, the square among them.

    For each short side the longest long one that fits, as NovelAI described aspect bucketing.
    """
    found = {Shape(side_px, side_px)}
    narrowest = max(step_px, int(side_px / math.sqrt(WIDEST)) // step_px * step_px)
    for width in range(narrowest, side_px, step_px):
        height = int(min(side_px**2 / width, width * WIDEST)) // step_px * step_px
        if height >= width:
            found |= {Shape(width, height), Shape(height, width)}
    return tuple(sorted(found))


def shape_for(width: int, height: int, shapes: Sequence[Shape]) -> Shape:
    """Return the shape whose aspect is nearest to the picture's, by ratio; of several the one with more pixels."""
    aspect = math.log(width / height)
    return min(shapes, key=lambda shape: (abs(math.log(shape.width / shape.height) - aspect), -shape[0] * shape[1]))


def is_cropped(width: int, height: int, shape: Shape) -> bool:
    """Tell whether a picture of this size loses anything in this shape, so that where it is cropped matters."""
    return width * shape.height != height * shape.width


def cut(picture: Image.Image, shape: Shape, crop: tuple[float, float]) -> Image.Image:
    """Return the largest part of the shape's aspect, `crop` of the way along, scaled to the shape."""
    return ImageOps.fit(picture, shape, Image.Resampling.LANCZOS, centering=crop)
