"""Files that grow line by line: one that a crash tore is closed off, so that the next begins on a line of its own."""

from __future__ import annotations

import os
from pathlib import Path

from sketchdesk.library.files.atomic import disk_errors


def ends_torn(path: Path) -> bool:
    """Tell whether the last line of a file has no end; a file that is empty or missing has none. Raises OSError."""
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except FileNotFoundError:
        return False


def append_lines(path: Path, lines: bytes, synced: bool = False) -> None:
    """Add whole lines, each with its end, behind what is there; `synced` waits until they are on the disk itself.

    Raises SketchDeskError(DISK_FULL, NOT_WRITABLE).
    """
    with disk_errors(path), path.open("ab") as file:
        file.write(b"\n" * ends_torn(path) + lines)
        if synced:
            file.flush()
            os.fsync(file.fileno())
