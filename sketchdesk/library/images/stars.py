"""The stars a person gave: a small file of their own, which outlives the index."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from sketchdesk.library.files.locking import only_one
from sketchdesk.library.images.given import read_given, read_to_write, write_given
from sketchdesk.library.paths import stars_file

log = logging.getLogger(__name__)


class Stars:
    """The starred images by their paths, those in the trash too: they come back with their stars."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._paths = {path.absolute() for path in paths}

    @classmethod
    def load(cls) -> Self:
        """Read the stars; never raises. A file that cannot be understood is set aside, and there are none."""
        try:
            return cls(read_given(stars_file(), _understood, list))
        except OSError as error:
            log.warning("the stars cannot be read: %s", error)
            return cls()

    @property
    def paths(self) -> frozenset[Path]:
        """All starred images, absolute."""
        return frozenset(self._paths)

    def toggle(self, paths: Iterable[Path]) -> bool:
        """Star the images, or take the stars away if all of them have one; return whether they have one now.

        The file is read again first, so that what another window starred is kept. Raises SketchDeskError(DISK_FULL
        or NOT_WRITABLE), also where it is there but cannot be read; nothing has changed then.
        """
        chosen = {path.absolute() for path in paths}
        with only_one(stars_file()):
            known = _known()
            star = not chosen <= known
            wanted = known | chosen if star else known - chosen
            _write(wanted)
        self._paths = wanted
        return star


def move_stars(places: Mapping[Path, Path]) -> None:
    """Let the stars of images follow them from their old places to their new ones; both absolute.

    Raises SketchDeskError as Stars.toggle does, and nothing has changed then.
    """
    with only_one(stars_file()):
        known = _known()
        if known & places.keys():
            _write({places.get(path, path) for path in known})


def _write(paths: Iterable[Path]) -> None:
    write_given(stars_file(), sorted(map(str, paths)))


def _known() -> set[Path]:
    """Return the stars in order to write them: those that cannot be read must not be written over."""
    return set(read_to_write(stars_file(), _understood, list))


def _understood(value: object) -> list[Path]:
    """Return a file's JSON as paths. Raises ValueError for any other."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("not a list of paths")
    return [Path(name) for name in value]
