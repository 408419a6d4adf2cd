"""What one picture is: its size, its content's fingerprint, how it looks, and what is wrong with it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from msgspec import Struct
from PIL import ExifTags, Image

from sketchdesk.library.dataset.flaws import ABOUT, Flaw
from sketchdesk.library.dataset.items import Picture
from sketchdesk.library.dataset.looks import look_of
from sketchdesk.library.drawing.source_picture import flat
from sketchdesk.library.images.metadata import unreadable_errors
from sketchdesk.library.images.pictures import upright

CUT_SHORT = ("truncated", "broken data stream", "unrecognized data stream", "Truncated", "bytes not processed")
"""What Pillow says of files whose beginning is well and whose end is missing."""
UPRIGHT = 1
"""Exif's orientation of a picture that is to be shown as it is."""


class PictureFacts(Struct, frozen=True, kw_only=True):
    """A picture in facts; where it cannot be used, only `digest` (of what could be read) and `flaws` say anything."""

    digest: str = ""
    """SHA-256 of the file's bytes, in hex; "" where the file itself cannot be read."""
    width: int = 0
    height: int = 0
    """Pixels, upright."""
    look: bytes = b""
    """Its difference hash (dataset.looks)."""
    flaws: tuple[Flaw, ...] = ()
    reason: str = ""
    """Why it cannot be read, in the reader's words."""

    @property
    def is_usable(self) -> bool:
        """Whether it can be trained on."""
        return all(ABOUT[flaw].fate != "skipped" for flaw in self.flaws)


def read_bytes(picture: Picture) -> bytes:
    """Return a picture's bytes. Raises OSError."""
    return picture.read_bytes() if isinstance(picture, Path) else picture


def decoded(data: bytes) -> Image.Image:
    """Return a picture as it is trained on: RGB, upright, 8 bits, transparency on white, an animation's first picture.

    Raises one of unreadable_errors().
    """
    with Image.open(io.BytesIO(data)) as opened:
        return flat(upright(opened), "white")


def examine(data: bytes) -> tuple[PictureFacts, Image.Image | None]:
    """Return a picture's facts, and the picture as `decoded` has it, None where it cannot be used. Never raises."""
    digest = hashlib.sha256(data).hexdigest()
    broken: tuple[type[Exception], ...] = (*unreadable_errors(), MemoryError)
    try:
        with Image.open(io.BytesIO(data)) as opened:
            flaws = _flaws(opened)
            picture = flat(upright(opened), "white")
        facts = PictureFacts(
            digest=digest, width=picture.width, height=picture.height, look=look_of(picture), flaws=flaws
        )
    except broken as error:
        flaw = Flaw.TRUNCATED if any(words in str(error) for words in CUT_SHORT) else Flaw.UNREADABLE
        return PictureFacts(digest=digest, flaws=(flaw,), reason=f"{type(error).__name__}: {error}"), None
    return facts, picture


def _flaws(opened: Image.Image) -> tuple[Flaw, ...]:
    """Tell what has to be mended in a picture that was opened and not yet decoded."""
    found = {
        Flaw.ANIMATED: getattr(opened, "n_frames", 1) > 1,
        Flaw.CMYK: opened.mode == "CMYK",
        Flaw.DEEP: opened.mode.startswith("I") or opened.mode == "F" or _is_deep(opened),
        Flaw.TURNED: opened.getexif().get(ExifTags.Base.Orientation, UPRIGHT) != UPRIGHT,
        Flaw.ALPHA: opened.has_transparency_data,
    }
    return tuple(flaw for flaw, is_so in found.items() if is_so)


def _is_deep(opened: Image.Image) -> bool:
    """Whether colours have 16 bits: Pillow reads these as 8, and only the way it unpacks them tells."""
    return any(";16" in str(tile[3]) for tile in getattr(opened, "tile", ()))
