"""Images that came back from the trash under another name: what was told of the old name belongs to the new one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from msgspec import Struct

from sketchdesk.library.files.lines import append_lines
from sketchdesk.library.files.locking import only_one
from sketchdesk.library.paths import renamed_file


class Renaming(Struct, frozen=True, kw_only=True):
    """One image that has another name now. Runs and tables go on calling it by its old one."""

    old: Path
    until_s: float
    """What was told before of the old name is told of this image; since then it may be another image's."""
    new: Path
    since_s: float


def note_renamings(renamings: Iterable[Renaming]) -> None:
    """Write them down behind those that are known. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    rows = ([str(one.old), one.until_s, str(one.new), one.since_s] for one in renamings)
    # Python's own JSON: it can write down a file name that is not text, and read it back.
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    if lines:
        with only_one(renamed_file()):
            append_lines(renamed_file(), lines.encode())


class Renamings:
    """What is known of new names."""

    def __init__(self, known: Iterable[Renaming] = ()) -> None:
        self._by_old: dict[bytes, list[Renaming]] = {}
        for one in known:
            self._by_old.setdefault(os.fsencode(one.old), []).append(one)

    @classmethod
    def load(cls) -> Self:
        """Read what was written down; never raises. A line that cannot be understood is passed over."""
        try:
            lines = renamed_file().read_bytes().splitlines()
        except OSError:
            return cls()
        return cls(one for line in lines if (one := _read(line)))

    def now(self, path: bytes, time_s: float) -> bytes:
        """Return what the image is called now that was called `path` at a time."""
        while True:
            later = [one for one in self._by_old.get(path, ()) if time_s < one.until_s]
            if not later:
                return path
            first = min(later, key=lambda one: one.until_s)
            path, time_s = os.fsencode(first.new), max(first.until_s, first.since_s)


def _read(line: bytes) -> Renaming | None:
    try:
        old, until_s, new, since_s = json.loads(line)
        return Renaming(old=Path(old), until_s=float(until_s), new=Path(new), since_s=float(since_s))
    except (ValueError, TypeError, RecursionError):
        return None
