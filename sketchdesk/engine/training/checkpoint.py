"""Saving and reading a training's state as safetensors and JSON: a folder appears whole and verified, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.saving import STATE_FILE
from sketchdesk.engine.models.tensor_file import write_tensors
from sketchdesk.library.files.atomic import disk_errors, sync
from sketchdesk.library.training.checkpoints import (
    FileSum,
    Manifest,
    checkpoints,
    drop_old,
    name_of,
    read_manifest,
    verify,
    write_manifest,
)

_SEPARATOR = "#"

TensorFiles = Mapping[str, Mapping[str, Tensor]]
"""File name within the checkpoint → its tensors by name."""


def save_checkpoint(
    folder: Path,
    step: int,
    state: dict[str, Any],
    keep: int = 2,
    files: TensorFiles | None = None,
    add: Callable[[Path], None] | None = None,
) -> Path:
    """Write checkpoint-`step` under `folder`, and drop old ones beyond `keep` (see drop_old).

    The state is nested dicts, lists and tuples of tensors and plain values. Tensors of it that lie in one of `files`
    are written there, and only there; `add` may put what else belongs to the checkpoint in its folder. All is written
    to a temporary folder, synced and renamed; a failure leaves what was there. Raises SketchDeskError(DISK_FULL or
    NOT_WRITABLE).
    """
    final, temporary = folder / name_of(step), folder / f".{name_of(step)}.partial"
    try:
        with disk_errors(final):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            if add:
                add(temporary)
            skeleton, sums = _written(temporary, state, files or {})
            write_manifest(temporary, Manifest(step=step, files=sums, state=skeleton))
            sync(path for path in [*temporary.rglob("*"), temporary] if not path.is_symlink())
            _put(temporary, final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    drop_old(folder, keep)
    return final


def _put(temporary: Path, final: Path) -> None:
    """Give a checkpoint its name; one that has it already goes only then."""
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    temporary.rename(final)
    if os.name == "posix":
        sync([final.parent])
    shutil.rmtree(old, ignore_errors=True)


def load_state(checkpoint: Path) -> dict[str, Any]:
    """Return the state saved in a checkpoint, verified. Raises SketchDeskError(MODEL_UNREADABLE) for a damaged one."""
    manifest = read_manifest(checkpoint)
    verify(checkpoint, manifest)
    try:
        state: dict[str, Any] = _Reader(checkpoint).read(manifest.state)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        details = f"{type(error).__name__}: {error}"
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(checkpoint), details) from error
    return state


def newest_state(folder: Path, tell: Callable[[Path], None]) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest checkpoint that is whole and its state; `tell` is given each damaged one that is newer.

    None where there is none at all. Raises SketchDeskError(MODEL_UNREADABLE) where all are damaged.
    """
    damaged: SketchDeskError | None = None
    for _step, path in reversed(checkpoints(folder)):
        try:
            return path, load_state(path)
        except SketchDeskError as error:
            damaged = error
            tell(path)
    if damaged:
        raise damaged
    return None


def _written(folder: Path, state: dict[str, Any], files: TensorFiles) -> tuple[object, dict[str, FileSum]]:
    """Write all tensors; return the state with their places, and the files' sums."""
    places = {
        _identity(tensor): f"{file}{_SEPARATOR}{name}"
        for file, tensors in files.items() for name, tensor in tensors.items()
    }  # fmt: skip
    own: dict[str, Tensor] = {}
    skeleton = _skeleton(state, "", places, own)
    sums = {}
    for file, tensors in {**files, STATE_FILE: own}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        sums[file] = write_tensors(folder / file, tensors)
    return skeleton, sums


def _skeleton(value: Any, name: str, places: dict[object, str], own: dict[str, Tensor]) -> object:
    """Return a value as JSON has it; its tensors that have no place yet are put in `own`."""
    match value:
        case Tensor():
            place = places.setdefault(_identity(value), f"{STATE_FILE}{_SEPARATOR}{name}")
            if place == f"{STATE_FILE}{_SEPARATOR}{name}":
                own[name] = value
            return {"$tensor": place}
        case dict():
            return {"$pairs": [[key, _skeleton(each, f"{name}/{key}", places, own)] for key, each in value.items()]}
        case list():
            return [_skeleton(each, f"{name}/{number}", places, own) for number, each in enumerate(value)]
        case tuple():
            return {"$tuple": [_skeleton(each, f"{name}/{number}", places, own) for number, each in enumerate(value)]}
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"{name} is a {type(value).__name__}, which a checkpoint cannot hold")


def _identity(tensor: Tensor) -> object:
    """Return what only the same numbers in the same memory have in common; nothing is in common with an empty one."""
    if tensor.numel() == 0:
        return id(tensor)
    return tensor.device, tensor.dtype, tensor.data_ptr(), tuple(tensor.shape), tensor.stride()


class _Reader:
    """Puts the tensors of a checkpoint back into its state."""

    def __init__(self, checkpoint: Path) -> None:
        self._checkpoint = checkpoint
        self._files: dict[str, Any] = {}

    def read(self, value: Any) -> Any:
        """Return a value of the manifest as it was saved."""
        match value:
            case {"$tensor": place}:
                file, name = place.split(_SEPARATOR, 1)
                if file not in self._files:
                    self._files[file] = safe_open(self._checkpoint / file, framework="pt")
                return self._files[file].get_tensor(name)
            case {"$pairs": pairs}:
                return {key: self.read(each) for key, each in pairs}
            case {"$tuple": values}:
                return tuple(self.read(each) for each in values)
            case list():
                return [self.read(each) for each in value]
        return value
