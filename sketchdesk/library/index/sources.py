"""What the index is made from: the images in the folders, and what runs and tables of scores tell of them."""

from __future__ import annotations

import logging
import math
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import ImageSaved, PreviewReady, ScoreReady
from sketchdesk.library.drawing.unsaved import UNSAVED, is_unsaved
from sketchdesk.library.files.csv_rows import read_rows
from sketchdesk.library.images.metadata import IMAGE_SUFFIXES
from sketchdesk.library.runs.events import EVENTS_FILE
from sketchdesk.library.runs.runs import read_run

SCORES_FILE = "scores.csv"
CHECK_EVERY = 1000
Stamp = tuple[int, int]
"""When a file was changed, in nanoseconds, and its size in bytes."""

log = logging.getLogger(__name__)

_SUFFIXES = tuple(suffix.encode() for suffix in IMAGE_SUFFIXES)
_MARKS = (b'"ImageSaved"', b'"ScoreReady"', UNSAVED.encode())


class Told(Struct, frozen=True, kw_only=True):
    """What is said of one image elsewhere than in itself."""

    path: bytes
    time_s: float = 0.0
    """When it was said: of two that differ the later one holds."""
    run: str = ""
    scores: dict[str, float] = {}
    caption: str | None = None


class Found(Struct, frozen=True):
    """What lies in the folders."""

    images: dict[bytes, Stamp]
    tables: list[Path]
    """Every scores.csv there and beside the folders."""


class _ScoreLine(Struct, frozen=True):
    """What matters here of a row of scores.csv."""

    file: str
    cosine: float | None = None
    caption: str = ""


def key_of(path: Path) -> bytes:
    """Return a path as the index holds it: whole, and any name, text or not."""
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100 - links stay links


def path_of(key: bytes) -> Path:
    """Return the path that key_of() was given."""
    return Path(os.fsdecode(key))


def stamp_of(path: bytes) -> Stamp | None:
    """Return the stamp of a file, or None where it is gone, or no file: a pipe would be waited for without end."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path each would take longer than the call
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_mtime_ns, found.st_size


def look_through(
    folders: Iterable[Path], without: Collection[Path] = (), check: Callable[[], object] | None = None
) -> Found:
    """Return the images under the folders at any depth; hidden files and folders, and those `without`, are left out.

    `check` is called now and then, and may raise to stop.
    """
    images: dict[bytes, Stamp] = {}
    tables: dict[Path, None] = {}
    left_out = {key_of(folder) for folder in without}
    for folder in folders:
        tables[folder.absolute().parent / SCORES_FILE] = None
        for entry in _files(key_of(folder), left_out):
            name = entry.name.lower()
            if check and len(images) % CHECK_EVERY == 0:
                check()
            if name.endswith(_SUFFIXES):
                stamp = stamp_of(entry.path)
                if stamp:
                    images[entry.path] = stamp
            elif name == SCORES_FILE.encode():
                tables[path_of(entry.path)] = None
    return Found(images, [table for table in tables if table.is_file()])


def told_by_run(folder: Path, position: int) -> tuple[list[Told], int]:
    """Return what a run tells of its images from a byte of its events on, and the byte to go on from.

    A log that has become shorter is another one, and is read from its beginning.
    """
    found: list[Told] = []
    title = ""
    try:
        size = (folder / EVENTS_FILE).stat().st_size
        if size == position:
            return [], position
        with (folder / EVENTS_FILE).open("rb") as file:
            position = file.seek(position if position < size else 0)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # still being written
                position += len(line)
                if any(mark in line for mark in _MARKS):
                    title = title or _title(folder)
                    found += _told_by_event(line, title)
    except OSError as error:
        log.info("%s: its events cannot be read: %s", folder.name, error)
    return found, position


def told_by_table(table: Path, time_s: float) -> list[Told]:
    """Return what a scores.csv tells; one that cannot be read is logged and tells nothing."""
    try:
        rows = read_rows(table, _ScoreLine)
    except SketchDeskError as error:
        log.info("%s", error.message)
        return []
    return [
        Told(
            path=key_of(table.parent / row.file),
            time_s=time_s,
            scores=finite({} if row.cosine is None else {"cosine": row.cosine}),
            caption=row.caption or None,
        )
        for row in rows
        if row.file
    ]


def finite(scores: dict[str, float]) -> dict[str, float]:
    """Return the scores that are numbers."""
    return {name: float(value) for name, value in scores.items() if math.isfinite(value)}


def _told_by_event(line: bytes, run: str) -> list[Told]:
    try:
        event = wire.decode_event(line)
    except (msgspec.DecodeError, UnicodeError):
        return []
    match event:
        case ImageSaved():
            return [Told(path=key_of(Path(event.path)), time_s=event.time_s, run=run)]
        case PreviewReady() if is_unsaved(Path(event.path)):
            return [Told(path=key_of(Path(event.path)), time_s=event.time_s, run=run)]
        case ScoreReady():
            scores, caption = finite(event.values), event.caption
            return [Told(path=key_of(Path(event.path)), time_s=event.time_s, scores=scores, caption=caption)]
    return []


def _title(folder: Path) -> str:
    try:
        return read_run(folder).title or folder.name
    except SketchDeskError:
        return folder.name


def _files(folder: bytes, without: Collection[bytes]) -> Iterator[os.DirEntry[bytes]]:
    """Yield the files under a folder that are not hidden; a folder that cannot be read has none."""
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except (OSError, ValueError):
            continue
        for entry in entries:
            if entry.name.startswith(b"."):
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif entry.path not in without:
                waiting.append(entry.path)
