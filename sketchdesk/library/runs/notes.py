"""What a person notes down about a run: a text in the run's folder, beside what the engine wrote."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import write_text

FILE = "notes.txt"


def read_notes(run_folder: Path) -> str:
    """Return a run's notes, "" where there are none. Raises SketchDeskError(BAD_INPUT) where they cannot be read."""
    try:
        return (run_folder / FILE).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SketchDeskError(ErrorKind.BAD_INPUT, str(run_folder / FILE), str(error)) from error


def write_notes(run_folder: Path, text: str) -> None:
    """Keep a run's notes, whole or not at all; empty ones leave no file.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    if text.strip():
        write_text(run_folder / FILE, text)
    else:
        with suppress(OSError):
            (run_folder / FILE).unlink()
