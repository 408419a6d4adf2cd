"""Weight files: only safetensors is loaded, and a file that was cut short is told before any network is built."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.loose import items, mapping

SAFE_SUFFIX = ".safetensors"
UNSAFE_SUFFIXES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
"""Formats that can run code when they are read."""

METADATA_KEY = "__metadata__"
"""What a header says besides tensors."""

LARGEST_HEADER_BYTES = 100_000_000
"""The format's own limit."""


def safetensors_header(path: Path) -> dict[str, Any]:
    """Return what a safetensors file says of its tensors: {name: {dtype, shape, data_offsets}}.

    The file begins with the header's length (8 bytes, little-endian), then the header as JSON, then the data. Raises
    SketchDeskError(MODEL_UNREADABLE) for another kind of file and for one whose data is cut short.
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > LARGEST_HEADER_BYTES:
                raise _unreadable(path, "not a safetensors file")
            header = mapping(msgspec.json.decode(file.read(length)))
        missing = 8 + length + _data_bytes(header) - path.stat().st_size
    except (OSError, struct.error, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error
    if missing > 0:
        raise _unreadable(path, f"{missing} bytes are missing at the end")
    return header


def data_begins(path: Path) -> int:
    """Return where the data begin in a safetensors file that safetensors_header has read, in bytes. Raises OSError."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
    return 8 + int(length)


def _data_bytes(header: dict[str, Any]) -> int:
    tensors = (mapping(value) for name, value in header.items() if name != METADATA_KEY)
    ends = (items(tensor.get("data_offsets"))[1:2] for tensor in tensors)
    return max((end for found in ends for end in found if isinstance(end, int)), default=0)


def check_weights(folder: Path, allow_pickle: bool = False) -> bool:
    """Tell whether a folder holds weights, all whole.

    Raises SketchDeskError: UNSAFE_WEIGHTS where all are in formats that can run code, unless `allow_pickle`;
    MODEL_UNREADABLE where a file is cut short.
    """
    safe = [path for path in sorted(folder.glob(f"*{SAFE_SUFFIX}")) if path.is_file()]
    for path in safe:
        safetensors_header(path)
    pickled = not safe and any(path.suffix.lower() in UNSAFE_SUFFIXES for path in folder.iterdir())
    if pickled and not allow_pickle:
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(folder))
    return bool(safe) or pickled


def _unreadable(path: Path, details: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), details)
