"""The one shape every data set is read into: items with a key, a picture, a caption and how often it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.flaws import Finding
from sketchdesk.library.images.metadata import IMAGE_SUFFIXES, image_files

PICTURE_SUFFIXES = (*IMAGE_SUFFIXES, ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".avif")
"""What is looked at in a folder; what a table names may end in anything."""

Picture = Path | bytes
"""A picture's file, or the bytes it would have."""


class Item(NamedTuple):
    """One picture and what it shows. Light: the picture is read only when `read` is called."""

    key: str
    """What names it within its set, the same at every reading."""
    caption: str | None
    """What it shows; None where nothing says: it is not trained on until something does."""
    read: Callable[[], Picture]
    """Return the picture. Raises OSError or ValueError where its container cannot be read."""
    repeats: int = 1
    """How often it is shown in one pass."""


@dataclass(frozen=True)
class Source:
    """A data set that was found, in a fixed order."""

    name: str
    items: Iterable[Item]
    """A sequence, unless `streamed`: then every iteration reads anew."""
    left_out: tuple[Finding, ...] = ()
    """What is no item, and why."""
    streamed: bool = False
    remarks: tuple[Finding, ...] = ()
    """What is to be said of all of it."""

    @property
    def count(self) -> int | None:
        """How many items there are; None where only reading to the end would tell."""
        return len(self.items) if isinstance(self.items, Sequence) else None

    def changed(self, change: Callable[[Iterator[Item]], Iterator[Item]]) -> Source:
        """Return the set with other items, made from its own one after another."""
        again = Again(lambda: change(iter(self.items)))
        return replace(self, items=again if self.streamed else list(again))

    def captioned(self, most: int | None = None) -> Source:
        """Return the set's pictures with captions, at most `most`. Raises NO_CAPTIONS where there are none."""
        found = self.changed(lambda items: islice((item for item in items if item.caption is not None), most))
        if found.count == 0:
            details = "; ".join(finding.detail for finding in self.remarks)
            raise SketchDeskError(ErrorKind.NO_CAPTIONS, self.name, details)
        return found


class Again(Iterable[Item]):
    """What `begin` yields, from the start as often as it is asked for."""

    def __init__(self, begin: Callable[[], Iterator[Item]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[Item]:
        return self._begin()


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures under a folder at any depth, sorted by path; hidden files and folders are left out."""
    return image_files(folder, PICTURE_SUFFIXES)


def as_text(name: object) -> str:
    """Return a name that can be written anywhere: what in it is no Unicode, as a disk's names may be, is spelt out."""
    return str(name).encode(errors="backslashreplace").decode()


class Keys:
    """Hands out keys: a name that comes again (several captions for one picture) gets a number."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        """Return the name, or name#2, name#3 …"""
        name = as_text(name)
        count = self._seen[name] = self._seen.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"


def unreadable_set(name: str, details: str) -> SketchDeskError:
    """Return the sentence for a set nothing can be trained on."""
    return SketchDeskError(ErrorKind.DATASET_UNREADABLE, name, details)
