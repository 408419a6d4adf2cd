"""Model folders that hold only what is their own and take the rest from a model of the demo.

A file base.json names that model. Before such a folder is used it is made whole in the cache: its own parts and
the other's, all of them links to the files where these can be, so that it takes no room and is a model like any other
for whatever loads, copies or exports it, stock libraries included.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct

from sketchdesk.contracts.reading import reader
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.models.notes import file_state
from sketchdesk.library.models.shipped import SHIPPED, shipped_folder
from sketchdesk.library.paths import cache_dir

NOTE = "base.json"
FOLDER = "whole"
"""Of the cache."""

HALF = ".half-"
HALF_LIFE_S = 3600.0
"""Making one takes milliseconds; a half that old was left by a process that died."""


class _Note(Struct, frozen=True, forbid_unknown_fields=True):
    base: str


def write_base(folder: Path, base: str) -> None:
    """Say that what a folder lacks is that of a shipped model. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_json(folder / NOTE, _Note(base))


def whole(folder: Path) -> Path:
    """Return a model folder with all its parts: itself, unless it takes some from another.

    Never raises: where it cannot be made whole it is returned as it is, and lacks what it lacks.
    """
    if not (folder / NOTE).is_file():
        return folder
    try:
        name = reader(_Note).decode((folder / NOTE).read_bytes()).base
        base = shipped_folder(name) if name in SHIPPED else None
        return folder if base is None or base == folder else _made_whole(folder, base)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return folder


def _made_whole(folder: Path, base: Path) -> Path:
    """Return the whole folder of what both are now; those of what they were before are removed. Raises OSError."""
    states = repr([str(base), file_state(folder), file_state(base)])
    of_this = cache_dir() / FOLDER / _digest(str(folder.resolve()))
    place = of_this / _digest(states) / folder.name
    if not place.is_dir():
        of_this.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=HALF, dir=of_this, ignore_cleanup_errors=True) as half:
            temporary = Path(half) / "made" / folder.name
            shutil.copytree(folder, temporary, ignore=shutil.ignore_patterns(NOTE), copy_function=linked)
            for part in base.iterdir():
                if part.is_dir() and not (temporary / part.name).exists():
                    shutil.copytree(part, temporary / part.name, copy_function=linked)
            with suppress(OSError):  # another thread or process was faster
                temporary.parent.rename(place.parent)
        _remove_others(of_this, place.parent)
    return place


def _remove_others(of_this: Path, kept: Path) -> None:
    """Remove the whole folders of earlier states, and halves so old that nobody makes them any more."""
    for other in of_this.iterdir():
        with suppress(OSError):
            half = other.name.startswith(HALF)
            if other != kept and not (half and time.time() - other.stat().st_mtime < HALF_LIFE_S):
                shutil.rmtree(other, ignore_errors=True)


def linked(source: str, target: str) -> str:
    """Give a file a second name, or make a link to it, or a copy where neither is to be had; return `target`."""
    real = Path(source).resolve()
    for way in (os.link, os.symlink):
        with suppress(OSError):  # on another disk; and Windows lets few people make links
            way(real, target)
            return target
    shutil.copy2(real, target)
    return target


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
