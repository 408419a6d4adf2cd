"""Loading weights straight into the precision they are used in, one tensor after the other.

The libraries' own way maps the whole file into memory while it converts it, and so needs file and weights together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import ModelMixin
from torch import Tensor

from sketchdesk.engine.models.ldm import WRAPPER, filled
from sketchdesk.library.models.weights import METADATA_KEY, data_begins, safetensors_header

_DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


class TensorFile(Mapping[str, Tensor]):
    """The floating-point tensors of a safetensors file; each is read when it is asked for."""

    def __init__(self, path: Path) -> None:
        """Read what the file holds. Raises SketchDeskError(MODEL_UNREADABLE)."""
        header = safetensors_header(path)
        self._path = path
        self._begin = data_begins(path)
        self._told = {
            name.removeprefix(WRAPPER): told
            for name, told in header.items()
            if name != METADATA_KEY and told["dtype"] in _DTYPES
        }

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor, which are not read for it."""
        return {name: tuple(told["shape"]) for name, told in self._told.items()}

    def __getitem__(self, name: str) -> Tensor:
        """Return one tensor. Raises OSError where the file has become shorter."""
        told = self._told[name]
        begin, end = told["data_offsets"]
        data = torch.empty(end - begin, dtype=torch.uint8)
        with self._path.open("rb") as file:
            file.seek(self._begin + begin)
            if file.readinto(data.numpy().data) != end - begin:
                raise OSError(f"{self._path} ends in the middle of {name}")
        return data.view(_DTYPES[told["dtype"]]).view(told["shape"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


def load_lean(kind: Any, folder: Path, file: Path, dtype: torch.dtype) -> Any | None:
    """Return the network of a folder with the weights of a file, or None where their names do not fit: an older one.

    Raises SketchDeskError(MODEL_UNREADABLE), OSError and RuntimeError for what is broken.
    """
    tensors = TensorFile(file)
    network = empty(kind, folder)
    if network.state_dict().keys() - tensors.keys():
        return None
    return filled(network, tensors, dtype)


def empty(kind: Any, folder: Path) -> Any:
    """Return the network of a folder without weights, which takes no room. Raises OSError and ValueError."""
    with init_empty_weights():
        if issubclass(kind, ModelMixin):
            return kind.from_config(kind.load_config(folder, local_files_only=True))
        return kind(kind.config_class.from_pretrained(folder, local_files_only=True))
