"""The small files of what a person gave to images and what stands nowhere else: never lost, whatever stands in them."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import write_bytes

T = TypeVar("T")

log = logging.getLogger(__name__)


def read_given(file: Path, understand: Callable[[object], T], nothing: Callable[[], T]) -> T:
    """Return what `understand` makes of a file's JSON, `nothing()` where there is none that can be understood.

    One that cannot be (`understand` raises ValueError) is set aside under another name. Raises OSError where it is
    there but cannot be read.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return nothing()
    try:
        return understand(json.loads(data))
    except (ValueError, RecursionError) as error:  # what is wrong with JSON and with its encoding are ValueErrors
        log.warning("%s was set aside: %s", file.name, error)
        with suppress(OSError):
            file.replace(file.with_name(f"{file.stem}-set-aside-{time.strftime('%Y%m%d-%H%M%S')}{file.suffix}"))
        return nothing()


def read_to_write(file: Path, understand: Callable[[object], T], nothing: Callable[[], T]) -> T:
    """Return the same in order to write it: what cannot be read must not be written over.

    Raises SketchDeskError(NOT_WRITABLE) then.
    """
    try:
        return read_given(file, understand, nothing)
    except OSError as error:
        raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(file), str(error)) from error


def write_given(file: Path, value: object) -> None:
    """Write the file, whole. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    # Python's own JSON: it can write down a file name that is not text, and read it back.
    write_bytes(file, json.dumps(value, indent=1).encode() + b"\n")
