"""The stars a person gave: a small file of their own, which outlives the index."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.atomic import write_bytes
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
            return cls(_read(stars_file()))
        except OSError as error:
            log.warning("the stars cannot be read: %s", error)
            return cls()

    @property
    def paths(self) -> frozenset[Path]:
        """All starred images, absolute."""
        return frozenset(self._paths)

    def is_starred(self, path: Path) -> bool:
        """Tell whether an image has a star."""
        return path.absolute() in self._paths

    def toggle(self, paths: Iterable[Path]) -> bool:
        """Star the images, or take the stars away if all of them have one; return whether they have one now.

        The file is read again first, so that what another window starred is kept. Raises SketchDeskError(DISK_FULL
        or NOT_WRITABLE), also where it is there but cannot be read; nothing has changed then.
        """
        chosen = {path.absolute() for path in paths}
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
    known = _known()
    if known & places.keys():
        _write({places.get(path, path) for path in known})


def _write(paths: Iterable[Path]) -> None:
    # Python's own JSON: it can write down a file name that is not text, and read it back.
    write_bytes(stars_file(), json.dumps(sorted(map(str, paths)), indent=1).encode() + b"\n")


def _known() -> set[Path]:
    """Return the stars in order to write them: those that cannot be read must not be written over."""
    try:
        return set(_read(stars_file()))
    except OSError as error:
        raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(stars_file()), str(error)) from error


def _read(file: Path) -> list[Path]:
    """Return the stars, none where there is no file or it is none of ours. Raises OSError where it cannot be read."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return []
    try:
        names = json.loads(data)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("not a list of paths")
    except (ValueError, RecursionError) as error:  # what is wrong with JSON and with its encoding are ValueErrors
        log.warning("the stars were set aside: %s", error)
        with suppress(OSError):
            file.replace(file.with_name(f"{file.stem}-set-aside-{time.strftime('%Y%m%d-%H%M%S')}{file.suffix}"))
        return []
    return [Path(name) for name in names]
