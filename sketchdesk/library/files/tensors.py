"""Arrays in safetensors files, written and mapped without the package of that name, which only the engine knows."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sketchdesk.library.models.weights import METADATA_KEY, data_begins

KINDS: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}
ALIGNED_BYTES = 8
"""The header is filled up with spaces, so that the data begin at a multiple of this."""


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]], told: Mapping[str, str]) -> None:
    """Write arrays of KINDS, and what the file says of itself; the widest numbers first, so that all lie aligned.

    Raises OSError, and KeyError for an array of another kind.
    """
    names = {kind: name for name, kind in KINDS.items()}
    ordered = sorted(tensors.items(), key=lambda one: (-one[1].itemsize, one[0]))
    header: dict[str, object] = {METADATA_KEY: told}
    end = 0
    for name, values in ordered:
        offsets = (end, end := end + values.nbytes)
        header[name] = {"dtype": names[values.dtype], "shape": values.shape, "data_offsets": offsets}
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % ALIGNED_BYTES)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _name, values in ordered:
            file.write(np.ascontiguousarray(values).data)


def mapped(path: Path, told: Mapping[str, Any]) -> NDArray[Any]:
    """Return an array as it lies in a file, by what its header (weights.safetensors_header) says of it.

    Raises OSError, ValueError, and KeyError for one of another kind.
    """
    begins_at, _end = told["data_offsets"]
    where: dict[str, Any] = {"offset": data_begins(path) + begins_at, "shape": tuple(told["shape"])}
    return np.asarray(np.memmap(path, KINDS[told["dtype"]], "r", **where))  # rows of a plain array are light
