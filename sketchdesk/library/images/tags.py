"""The tags a person gave to images: a small file of their own, which outlives the index."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from sketchdesk.library.files.locking import only_one
from sketchdesk.library.images.given import read_given, read_to_write, write_given
from sketchdesk.library.paths import tags_file

LONGEST = 60

Given = dict[Path, tuple[str, ...]]

log = logging.getLogger(__name__)


class Tags:
    """Each image's tags by its path, those in the trash too. Capitals make no difference between two tags."""

    def __init__(self, given: Mapping[Path, Iterable[str]] | None = None) -> None:
        self._given: Given = {path.absolute(): tuple(tags) for path, tags in (given or {}).items()}

    @classmethod
    def load(cls) -> Self:
        """Read the tags; never raises. A file that cannot be understood is set aside, and there are none."""
        try:
            given: Given = read_given(tags_file(), _understood, dict)
            return cls(given)
        except OSError as error:
            log.warning("the tags cannot be read: %s", error)
            return cls()

    @property
    def given(self) -> Mapping[Path, tuple[str, ...]]:
        """The tags of every image that has some, by its absolute path."""
        return self._given

    def of(self, path: Path) -> tuple[str, ...]:
        """Return an image's tags, by the alphabet."""
        return self._given.get(path.absolute(), ())

    def change(self, paths: Iterable[Path], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give tags to images and take others away; one that is known keeps the spelling it has.

        The file is read again first, so that what another window gave is kept. Raises SketchDeskError(DISK_FULL or
        NOT_WRITABLE), also where it is there but cannot be read; nothing has changed then.
        """
        with only_one(tags_file()):
            known: Given = read_to_write(tags_file(), _understood, dict)
            spelling = {tag.casefold(): tag for tags in known.values() for tag in tags}
            new = [spelling.setdefault(tag.casefold(), tag) for tag in add]
            gone = {tag.casefold() for tag in remove}
            for path in {path.absolute() for path in paths}:
                kept = [tag for tag in known.pop(path, ()) if tag.casefold() not in gone]
                if tags := sorted({*kept, *new}, key=str.casefold):
                    known[path] = tuple(tags)
            _write(known)
        self._given = known


def move_tags(places: Mapping[Path, Path]) -> None:
    """Let the tags of images follow them from their old places to their new ones; both absolute.

    Raises SketchDeskError as Tags.change does, and nothing has changed then.
    """
    with only_one(tags_file()):
        known: Given = read_to_write(tags_file(), _understood, dict)
        if known.keys() & places.keys():
            _write({places.get(path, path): tags for path, tags in known.items()})


def tags_in(text: str) -> list[str]:
    """Return the tags in a line that a person typed, with commas between them; no spaces around, none twice."""
    tags = (" ".join(part.split())[:LONGEST].rstrip() for part in text.split(","))
    return list({tag.casefold(): tag for tag in tags if tag}.values())


def _write(given: Given) -> None:
    write_given(tags_file(), {str(path): list(given[path]) for path in sorted(given)})


def _understood(value: object) -> Given:
    """Return a file's JSON as tags. Raises ValueError for any other."""
    if not isinstance(value, dict):
        raise ValueError("not tags by paths")
    for tags in value.values():
        if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
            raise ValueError("not a list of tags")
    return {Path(path): tuple(tags) for path, tags in value.items() if tags}
