"""Where a downloaded model came from, file by file: kept with the model, so that it can be checked at any time."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.reading import reader
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.hub.files import HubFile

FOLDER_MANIFEST = ".download.json"
"""Hidden, so that it is no part of the model; a single file has it beside itself."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What was fetched."""

    version: int = 1
    repo: str
    revision: str
    commit: str
    licence: str = ""
    weights: str = ""
    fetched: str = ""
    """ISO 8601 time in UTC."""
    files: tuple[HubFile, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(file.size_bytes for file in self.files)


def manifest_path(model: Path) -> Path:
    """Return where a model's manifest lies, or would."""
    return model / FOLDER_MANIFEST if model.is_dir() else model.with_name(f".{model.name}.download.json")


def read_manifest(model: Path) -> Manifest | None:
    """Return where a model came from, None for one that was not downloaded here."""
    try:
        return reader(Manifest).decode(manifest_path(model).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError):
        return None


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write it whole or not at all. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_json(path, manifest)


def file_of(model: Path, file: HubFile) -> Path:
    """Return where one of a model's files lies."""
    return model / file.path if model.is_dir() else model


def has_all(model: Path, manifest: Manifest) -> bool:
    """Tell whether every file is there in its size."""

    def is_there(file: HubFile) -> bool:
        try:
            return file_of(model, file).stat().st_size == file.size_bytes
        except OSError:
            return False

    return all(is_there(file) for file in manifest.files)


