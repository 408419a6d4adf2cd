"""The checkpoints of a training on disk: a folder each, with a manifest that says what must be in it.

checkpoint-N/ holds checkpoint.json, the tensors of the training's state, and the trained networks as a model folder
that draws; what was not trained is linked there from the base.
"""

from __future__ import annotations

import json
import re
import shutil
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import write_bytes
from sketchdesk.library.models.weights import SAFE_SUFFIX

MANIFEST = "checkpoint.json"
FOLDER = "checkpoints"
"""In a training's folder, where they lie."""
LORA = "lora"
"""In a training's folder, or in a checkpoint, where a LoRA lies."""

_NAME = re.compile(r"checkpoint-(\d+)")
_CHUNK_BYTES = 2**24


class FileSum(Struct, frozen=True, kw_only=True):
    """What a file of a checkpoint must be."""

    bytes: int
    crc32: int


class Manifest(Struct, frozen=True, kw_only=True):
    """What checkpoint.json holds."""

    version: int = 1
    step: int
    files: dict[str, FileSum]
    state: Any
    """The training's state, with the places of its tensors."""
    val_loss: float | None = None


def name_of(step: int) -> str:
    """Return the name of a step's folder."""
    return f"checkpoint-{step}"


def step_of(path: Path) -> int | None:
    """Return the step that a checkpoint's folder is named after, None for another name."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else None


def title_of(path: Path) -> str | None:
    """Return what a checkpoint is called in lists, None for a path that is none: its run and its step."""
    if path.parent.name == FOLDER and (match := _NAME.fullmatch(path.name)):
        return _("{run} · step {step}").format(run=path.parent.parent.name, step=match[1])
    return None


def lora_of(training: Path) -> Path | None:
    """Return the LoRA that a training has made, None where it has made none (yet).

    It is the file with kohya's keys, which has the training's name; beside it lies the same LoRA with diffusers' keys.
    """
    file = training / LORA / f"{training.name}{SAFE_SUFFIX}"
    return file if file.is_file() else None


def is_checkpoint(path: Path) -> bool:
    """Tell whether a folder is a checkpoint of a training."""
    return (path / MANIFEST).is_file()


def checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return (optimiser step, folder) of every checkpoint in a folder, the oldest first."""
    if not folder.is_dir():
        return []
    found = [(int(m[1]), path) for path in folder.iterdir() if (m := _NAME.fullmatch(path.name))]
    return sorted((step, path) for step, path in found if is_checkpoint(path))


def read_manifest(checkpoint: Path) -> Manifest:
    """Return what a checkpoint says of itself. Raises SketchDeskError(MODEL_UNREADABLE)."""
    try:
        # Python's own reader: the state may hold numbers that JSON has no word for.
        return convert(json.loads((checkpoint / MANIFEST).read_text(encoding="utf-8")), Manifest)
    except (OSError, ValueError, RecursionError) as error:  # msgspec's ValidationError is a ValueError
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(checkpoint), str(error)) from error


def write_manifest(checkpoint: Path, manifest: Manifest) -> None:
    """Write it whole. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_bytes(checkpoint / MANIFEST, json.dumps(msgspec.to_builtins(manifest)).encode())


def verify(checkpoint: Path, manifest: Manifest) -> None:
    """Read every file of a checkpoint and compare. Raises SketchDeskError(MODEL_UNREADABLE) for what is damaged."""
    for name, wanted in manifest.files.items():
        try:
            size, found = sum_of(checkpoint / name)
        except OSError as error:
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(checkpoint), str(error)) from error
        if (size, found) != (wanted.bytes, wanted.crc32):
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(checkpoint), f"{name} is not as it was written")


def sum_of(path: Path) -> tuple[int, int]:
    """Return a file's size and CRC-32. Raises OSError."""
    size, crc = 0, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return size, crc


def note_val_loss(checkpoint: Path, loss: float) -> None:
    """Write down how a checkpoint did on what was held out; raises as read_manifest and write_manifest do."""
    write_manifest(checkpoint, msgspec.structs.replace(read_manifest(checkpoint), val_loss=loss))


def drop_old(folder: Path, keep: int) -> None:
    """Leave `keep` checkpoints: the newest, to go on from, and the best by their validation loss, else the newer."""
    found = checkpoints(folder)
    kept = {path for _step, path in kept_of([(step, _val_loss(path), path) for step, path in found], keep)}
    for _step, path in found:
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)


def kept_of(found: Sequence[tuple[int, float | None, Path]], keep: int) -> list[tuple[int, Path]]:
    """Return which of (step, validation loss, folder) drop_old leaves."""
    newest = sorted(found, key=lambda one: one[0])[::-1]
    best = sorted(newest[1:], key=lambda one: float("inf") if one[1] is None else one[1])  # stable: the newer first
    return sorted((step, path) for step, _loss, path in [*newest[:1], *best[: keep - 1]])


def _val_loss(checkpoint: Path) -> float | None:
    with suppress(SketchDeskError):
        return read_manifest(checkpoint).val_loss
    return None
