"""Whether a model is still what it was: by the checksums its publisher gave where they are known, else by its form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.hub.files import HubFile
from sketchdesk.library.hub.manifest import file_of, read_manifest
from sketchdesk.library.hub.partial_file import SHA256_DIGITS, matches
from sketchdesk.library.models.installed import check_model

Certainty = Literal["checksums", "form"]
"""What a model was held against."""

_BLOBS = "blobs"
_DIGITS = set("0123456789abcdef")


def verify_model(model: Path, tell: Callable[[int, int], None]) -> Certainty:
    """Check a model and return by what; `tell` hears how many bytes of how many were read, and may raise.

    Raises SketchDeskError: WRONG_BYTES for a file that differs, MODEL_UNREADABLE for one that is missing, cut short or
    cannot be read, and as check_model does.
    """
    try:
        check_model(model)
    except OSError as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(model), str(error)) from error
    manifest = read_manifest(model)
    pairs = [(file_of(model, file), file) for file in manifest.files] if manifest else _from_cache(model)
    total = sum(file.size_bytes for _path, file in pairs) or 1
    done = 0

    def count(read: int) -> None:
        nonlocal done
        done += read
        tell(min(done, total), total)

    for path, file in pairs:
        try:
            right = matches(path, file, count)
        except OSError as error:
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error
        if not right:
            raise SketchDeskError(ErrorKind.WRONG_BYTES, str(path), f"expected {file.digest}")
    return "checksums" if pairs else "form"


def _from_cache(model: Path) -> list[tuple[Path, HubFile]]:
    """Return the files of the hub's cache, whose blobs are called by their checksums."""
    found = []
    for path in sorted(model.rglob("*")) if model.is_dir() else ():
        blob = path.resolve()
        is_named = blob.parent.name == _BLOBS and len(blob.name) in (40, SHA256_DIGITS) and set(blob.name) <= _DIGITS
        if path.is_symlink() and is_named and blob.is_file():
            size = blob.stat().st_size
            found.append((path, HubFile(path=str(path.relative_to(model)), size_bytes=size, digest=blob.name)))
    return found
