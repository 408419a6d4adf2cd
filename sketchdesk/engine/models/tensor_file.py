"""Writing safetensors one tensor after the other, wherever each lies: no second copy of them all in memory."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from sketchdesk.library.models.weights import METADATA_KEY
from sketchdesk.library.training.checkpoints import FileSum

_NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip
_ALIGNMENT = 8


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> FileSum:
    """Write the tensors, wait for the disk and return the file's sum, found on the way.

    Raises OSError, and KeyError for a kind of number that safetensors has no name for.
    """
    header: dict[str, object] = {METADATA_KEY: {"format": "pt", **(metadata or {})}}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        header[name] = {
            "dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end],
        }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    crc, size = 0, 0
    with path.open("wb") as file:
        parts: Iterable[bytes | memoryview] = map(_bytes, tensors.values())
        for part in chain((struct.pack("<Q", len(text)), text), parts):
            file.write(part)
            crc, size = zlib.crc32(part, crc), size + len(part)
        file.flush()
        os.fsync(file.fileno())
    return FileSum(bytes=size, crc32=crc)


def _bytes(tensor: Tensor) -> memoryview:
    data: memoryview = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data
    return data
