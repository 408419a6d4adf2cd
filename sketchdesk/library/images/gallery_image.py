"""An image as the gallery knows it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.reading import reader
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.index.sources import path_of

_record = reader(ImageRecord)
_scores = reader(dict[str, float])
_tags = reader(tuple[str, ...])


class GalleryImage(Struct, frozen=True, kw_only=True, gc=False):
    """One image, how it was made if it says so, and what is known of it beside that.

    Python's search for cycles passes it and its record by: it is in none, and thousands come in a second of scrolling.
    """

    id: int
    """Its number in the index; no other image gets it, also when this one is gone. A rebuilt index numbers anew."""
    path: Path
    mtime_ns: int
    record: ImageRecord | None = None
    starred: bool = False
    tags: tuple[str, ...] = ()
    scores: dict[str, float] = {}
    """By their names: cosine, colourfulness …"""
    caption: str = ""
    run: str = ""
    """The title of the run it came from; "" where no run tells of it."""
    unsaved: bool = False
    """Drawn without keeping, and not saved yet: see library.drawing.unsaved."""


def image_of(
    number: int, path: bytes, mtime_ns: int, record: str | None, starred: int, unsaved: int, run: str, scores: str,
    caption: str, tags: str,
) -> GalleryImage:  # fmt: skip
    """Return an image from its row in the index."""
    return GalleryImage(
        id=number,
        path=path_of(path),
        mtime_ns=mtime_ns,
        record=_record.decode(record) if record else None,
        starred=bool(starred),
        unsaved=bool(unsaved),
        scores=_scores.decode(scores),
        caption=caption,
        run=run,
        tags=_tags.decode(tags),
    )
