"""The files of what is added to a model: where a LoRA or an embedding lies, and its checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.kind import LORA_FOLDER_FILES, PEFT_SETTINGS_FILE
from sketchdesk.library.models.notes import model_hash

EMBEDDING_FOLDER_FILES = ("learned_embeds.safetensors",)


def lora_file(name: str) -> Path:
    """Return the weight file of a LoRA: a file, a folder diffusers or PEFT wrote, or a hub id in the local cache.

    Raises SketchDeskError(ADAPTER_MISSING).
    """
    return _file_of(name, LORA_FOLDER_FILES)


def embedding_file(name: str) -> Path:
    """Return the file of an embedding: a file, a folder or a hub id that holds one. Raises ADAPTER_MISSING."""
    return _file_of(name, EMBEDDING_FOLDER_FILES)


def lora_hash(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """Return the SHA-256 of a LoRA's weight file; with PEFT's settings beside it, that of both checksums.

    `tell` hears how many bytes each step has read; a file that was read before and has not changed since is not read
    again (library.models.notes). Raises OSError.
    """
    settings = path.with_name(PEFT_SETTINGS_FILE)
    weights = model_hash(path, tell)
    if not settings.is_file():
        return weights
    return hashlib.sha256(f"{weights} {model_hash(settings, tell)}".encode()).hexdigest()


def _file_of(name: str, folder_files: tuple[str, ...]) -> Path:
    path = locate(name)
    if path is not None and path.is_dir():
        path = next((path / file for file in folder_files if (path / file).is_file()), None)
    if path is None:
        raise SketchDeskError(ErrorKind.ADAPTER_MISSING, name)
    return path
