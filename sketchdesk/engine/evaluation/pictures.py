"""Reading the pictures to be scored, and the one number taken from their pixels alone."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

from PIL import Image, ImageChops, ImageOps

_STRANGE = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, AttributeError, OverflowError,
            struct.error, zlib.error, Image.DecompressionBombWarning, Image.DecompressionBombError)  # fmt: skip
"""What Pillow has been seen to raise on files that are not what they say they are."""
MAX_ASPECT = 8
"""A longer strip is cut to its middle before CLIP's resizing, which would make a picture of gigabytes of it."""


def read_picture(path: Path) -> Image.Image | None:
    """Return the picture as RGB, upright, transparency on white; None where the file is no readable picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                picture = ImageOps.exif_transpose(opened)
                if not picture.has_transparency_data:
                    return picture.convert("RGB")
                picture = picture.convert("RGBA")
                ground = Image.new("RGBA", picture.size, "white")
                return Image.alpha_composite(ground, picture).convert("RGB")
    except _STRANGE:
        return None


def without_long_ends(picture: Image.Image) -> Image.Image:
    """Return the middle of a picture longer than MAX_ASPECT times its other side; any other as it is."""
    width, height = picture.size
    longest = MAX_ASPECT * min(width, height)
    if max(width, height) <= longest:
        return picture
    left, top = max(0, (width - longest) // 2), max(0, (height - longest) // 2)
    return picture.crop((left, top, left + min(width, longest), top + min(height, longest)))


def colourfulness(picture: Image.Image) -> float:
    """Return the mean over the pixels of max(R, G, B) − min(R, G, B), 0..1: nought for any picture in greys."""
    red, green, blue = picture.convert("RGB").split()
    highest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    lowest = ImageChops.darker(ImageChops.darker(red, green), blue)
    counts = ImageChops.subtract(highest, lowest).histogram()
    return sum(level * count for level, count in enumerate(counts)) / (255 * picture.width * picture.height)
