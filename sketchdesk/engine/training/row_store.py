"""Rows of tensors kept on disk by name: safetensors shards, written whole, verified when read, mapped into memory.

Rows are found by what they were made from, so that a run that was stopped, or another run, goes on with what is there.
A shard that is not what was written is thrown away, and its rows are made again. The folder can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.files.atomic import replacing

SHARD_BYTES = 32 * 2**20
SUFFIX = ".safetensors"

Row = dict[str, Tensor]


class RowStore:
    """Rows by name. What is added lies in memory until a shard is full or `flush` is called.

    `tell` is given a shard that was broken, or why none can be written; rows then stay in memory. With no folder they
    all do. For one thread.
    """

    def __init__(self, folder: Path | None, tell: Callable[[SketchDeskError | Path], None]) -> None:
        self._folder, self._tell = folder, tell
        self._shards: list[Row] = []
        self._places: dict[str, tuple[Row, int]] = {}
        self._waiting: dict[tuple[tuple[str, torch.Size], ...], list[tuple[str, Row]]] = {}
        for file in sorted(folder.glob(f"*{SUFFIX}")) if folder else ():
            self._open(file)

    def names(self) -> frozenset[str]:
        """Return the names of all rows that are there."""
        return frozenset(self._places)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Row:
        """Return a row's tensors. Raises KeyError."""
        tensors, number = self._places[name]
        return {kind: tensor[number] for kind, tensor in tensors.items()}

    def add(self, names: Sequence[str], tensors: Mapping[str, Tensor]) -> None:
        """Take rows: tensors of [N, …], one row a name. A name that is there already keeps its row."""
        for number, name in enumerate(names):
            if name not in self:
                row = {kind: tensor[number].contiguous() for kind, tensor in tensors.items()}
                self._places[name] = ({kind: tensor[None] for kind, tensor in row.items()}, 0)
                shape = tuple((kind, tensor.shape) for kind, tensor in sorted(row.items()))
                self._waiting.setdefault(shape, []).append((name, row))
                if len(self._waiting[shape]) * _size(row) >= SHARD_BYTES:
                    self._write(self._waiting.pop(shape))

    def flush(self) -> None:
        """Write what waits."""
        while self._waiting:
            self._write(self._waiting.popitem()[1])

    def _write(self, rows: list[tuple[str, Row]]) -> None:
        if self._folder is None:
            return
        names = [name for name, _row in rows]
        tensors = {kind: torch.stack([row[kind] for _name, row in rows]) for kind in rows[0][1]}
        file = self._folder / f"{hashlib.sha256(json.dumps(names).encode()).hexdigest()[:24]}{SUFFIX}"
        told = {"rows": json.dumps(names), "crc32": json.dumps({kind: _crc(each) for kind, each in tensors.items()})}
        try:
            with replacing(file) as temporary:
                save_file(tensors, temporary, metadata=told)
        except (SketchDeskError, SafetensorError) as error:
            self._tell(error if isinstance(error, SketchDeskError) else file)
            self._folder = None
            return
        self._open(file)  # what was written takes the place of what lies in memory

    def _open(self, file: Path) -> None:
        try:
            with safe_open(file, framework="pt") as shard:
                told = shard.metadata() or {}
                names, sums = json.loads(told["rows"]), json.loads(told["crc32"])
                tensors = {kind: shard.get_tensor(kind) for kind in shard.keys()}  # noqa: SIM118 - not a mapping
            if {kind: _crc(tensor) for kind, tensor in tensors.items()} != sums:
                raise ValueError("its sums are not those that were written")
            self._places.update((name, (tensors, number)) for number, name in enumerate(names))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError):
            with suppress(OSError):
                file.unlink()
            self._tell(file)


def weights_hash(network: nn.Module) -> str:
    """Return the SHA-256 of a network's weights, by name: the same from whatever kind of file they came."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(_bytes(tensor.detach().cpu().contiguous()))
    return digest.hexdigest()


def key_of(parts: Iterable[object]) -> str:
    """Return a folder's name for everything that decides what rows hold."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:24]


def _crc(tensor: Tensor) -> int:
    return zlib.crc32(_bytes(tensor))


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data


def _size(row: Row) -> int:
    return sum(tensor.nbytes for tensor in row.values())
