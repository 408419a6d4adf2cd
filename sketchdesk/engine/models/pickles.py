"""Pickled weights (.ckpt, .bin, .pt): read only when the person asked, and only if they hold nothing but numbers."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.pickle_calls import calls_code
from sketchdesk.library.files.atomic import replacing

_BROKEN = (
    OSError, ValueError, LookupError, RuntimeError, EOFError, TypeError, AttributeError, AssertionError,
    ArithmeticError, struct.error,
)  # fmt: skip
"""What it raises for damaged files, as changing single bytes has shown."""


def read_pickle(path: Path) -> Any:
    """Return what a pickled weight file holds, read by torch's weights-only unpickler, which calls no code.

    Raises SketchDeskError: CODE_IN_WEIGHTS for a file that would run code, MODEL_UNREADABLE for a broken one.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        kind = ErrorKind.CODE_IN_WEIGHTS if calls_code(path) else ErrorKind.MODEL_UNREADABLE
        raise SketchDeskError(kind, str(path), str(error)) from error
    except _BROKEN as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"{type(error).__name__}: {error}") from error


def pickled_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a pickled model, those under "state_dict" where it has one; raises as read_pickle does.

    Those of a learnt word of A1111 stand under "string_to_param"; in a safetensors file it calls them "emb_params".
    """
    content = read_pickle(path)
    if isinstance(content, Mapping) and isinstance(words := content.get("string_to_param"), Mapping):
        content = {"emb_params": next(iter(words.values()), None)}
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping):
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"a {type(content).__name__}, no tensors by name")
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}


def convert_pickle(path: Path, target: Path, on_read: Callable[[], object] | None = None) -> Path:
    """Write a pickled model's tensors as a safetensors file, which appears whole or not at all, and return it.

    `on_read` is called between reading and writing. Raises SketchDeskError as read_pickle does, MODEL_UNREADABLE for a
    file without tensors, DISK_FULL or NOT_WRITABLE, and what `on_read` raises.
    """
    tensors = {name: tensor.detach().contiguous().clone() for name, tensor in pickled_tensors(path).items()}
    if not tensors:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), "no tensors in it")
    if on_read:
        on_read()
    with replacing(target) as temporary:
        save_file(tensors, temporary)
    return target
