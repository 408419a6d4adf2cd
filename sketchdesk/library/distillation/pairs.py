"""Pairs of noise and what a teacher draws from it, on disk: what a model for few steps is trained on.

A folder holds teacher.json, which says how all of its pairs were drawn; shards, safetensors files of some dozens of
pairs that say their captions and seeds in their headers; and pairs.jsonl, a table for people and other programs. The
noise is stored as it was, in fp32: generators of other processors need not give the same bits. A shard is written
whole or not at all, and one that is not what was written counts as not there.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.files.atomic import replacing, write_bytes, write_json
from sketchdesk.library.files.tensors import mapped, write_tensors
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header
from sketchdesk.library.wording.number_words import short

TEACHER, TABLE, SHARDS = "teacher.json", "pairs.jsonl", "pairs-*" + SAFE_SUFFIX

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


class Pair(NamedTuple):
    """What a pair is drawn from; caption and seed name it."""

    caption: str
    seed: int
    held_out: bool = False
    """Never to be trained on."""


class Teacher(Struct, frozen=True, kw_only=True):
    """What drew the pairs of one folder, and how; everything here is the same for all of them."""

    model: str
    """As the job names it; what it really was, the checksum says."""
    model_hash: str
    loras: tuple[LoraUse, ...] = ()
    lora_hashes: tuple[str, ...] = ()
    sampler: str
    num_inference_steps: int
    guidance_scale: float
    width: int
    height: int
    shape: tuple[int, int, int]
    """Of the latents: channels, height, width."""

    def difference(self, other: Teacher) -> tuple[str, str, str] | None:
        """Return (what, here, in the other) for the first thing that differs, None where both draw the same."""
        for name, (mine, others) in {
            N_("teacher"): (self._named(), other._named()),
            N_("LoRAs"): (self._adapters(), other._adapters()),
            N_("sampler"): (self.sampler, other.sampler),
            N_("steps"): (str(self.num_inference_steps), str(other.num_inference_steps)),
            N_("guidance"): (short(self.guidance_scale), short(other.guidance_scale)),
            N_("size"): (f"{self.width} × {self.height}", f"{other.width} × {other.height}"),
        }.items():
            if mine != others:
                return _(name), mine, others
        return None

    def _named(self) -> str:
        return self.model_hash[:12]

    def _adapters(self) -> str:
        used = zip(self.loras, self.lora_hashes, strict=True)
        return ", ".join(f"{digest[:12]} × {short(lora.weight)}" for lora, digest in used) or "–"


class PairSet:
    """The pairs of a folder, in one order for all: the one they were asked for in. They are read when asked for.

    `train` and `held_out` are their indices by use, `unseen` those held out whose captions no training pair has.
    """

    def __init__(
        self, folder: Path, teacher: Teacher, rows: dict[tuple[str, int], _Row], pairs: Sequence[Pair]
    ) -> None:
        self.folder, self.teacher, self.pairs = folder, teacher, tuple(pairs)
        self._rows = [rows[pair.caption, pair.seed] for pair in self.pairs]
        held = np.array([pair.held_out for pair in self.pairs], dtype=bool)
        seen = {pair.caption for pair in self.pairs if not pair.held_out}
        self.train: Indices = np.flatnonzero(~held)
        self.held_out: Indices = np.flatnonzero(held)
        self.unseen: Indices = np.array([i for i in self.held_out if self.pairs[i].caption not in seen], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.pairs)

    def noise(self, indices: Iterable[int]) -> Floats:
        """Return what the teacher began with, [B, C, h, w], standard normal, bit for bit. Raises OSError."""
        return self._read("noise", indices)

    def latents(self, indices: Iterable[int]) -> Floats:
        """Return what it ended with, [B, C, h, w]: scaled latents, rounded to fp16. Raises OSError."""
        return self._read("latents", indices)

    def captions(self, indices: Iterable[int]) -> list[str]:
        """Return what was asked for."""
        return [self.pairs[index].caption for index in indices]

    def seeds(self, indices: Iterable[int]) -> list[int]:
        """Return the noise's seeds."""
        return [self.pairs[index].seed for index in indices]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the teacher and of all captions and seeds: what names the data that was trained on."""
        told = msgspec.json.encode([self.teacher, sorted(self.pairs)])
        return hashlib.sha256(told).hexdigest()

    def write_table(self) -> None:
        """Write pairs.jsonl: caption, seed, use, shard and row of every pair. Raises DISK_FULL, NOT_WRITABLE."""
        places = ({"shard": row.shard.file.name, "row": row.number} for row in self._rows)
        lines = [pair._asdict() | place for pair, place in zip(self.pairs, places, strict=True)]
        write_bytes(self.folder / TABLE, b"".join(msgspec.json.encode(line) + b"\n" for line in lines))

    def _read(self, name: str, indices: Iterable[int]) -> Floats:
        rows = (self._rows[index] for index in indices)
        return np.stack([np.array(row.shard.array(name)[row.number], np.float32) for row in rows])


class _Shard(NamedTuple):
    """A file of pairs, mapped only while it is read: a mapped file stays open, and often 1,024 may be open at once."""

    file: Path
    header: dict[str, Any]

    def array(self, name: str) -> NDArray[Any]:
        """Return the noise or the latents of all its pairs, [N, C, h, w]; raises as tensors.mapped does."""
        return mapped(self.file, self.header[name])


class _Row(NamedTuple):
    """A pair where it lies."""

    shard: _Shard
    number: int
    held_out: bool


def read_teacher(folder: Path) -> Teacher | None:
    """Return what drew a folder's pairs, None where there are none. Raises SketchDeskError(BAD_INPUT)."""
    try:
        return reader(Teacher).decode((folder / TEACHER).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        text = _("The pairs in “{folder}” cannot be read.").format(folder=folder)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text, str(error)) from error


def begin(folder: Path, teacher: Teacher) -> None:
    """Say who draws the pairs of a folder.

    Raises SketchDeskError: BAD_INPUT where it holds pairs that were drawn otherwise, DISK_FULL, NOT_WRITABLE.
    """
    known = read_teacher(folder)
    if known is None:
        write_json(folder / TEACHER, teacher)
    elif difference := known.difference(teacher):
        name, there, here = difference
        text = _("The pairs in “{folder}” were drawn otherwise ({what}: {there}, now {here}); choose another folder.")
        raise SketchDeskError(
            ErrorKind.BAD_INPUT, text.format(folder=folder, what=name, there=there, here=here), f"{known}\n{teacher}"
        )


def open_pairs(folder: Path, wanted: Sequence[Pair] | None = None, verified: bool = False) -> PairSet:
    """Return the pairs of a folder: those of `wanted` that are there, in that order, or all of them.

    `verified` reads every shard and leaves out those whose sums differ. Raises SketchDeskError(BAD_INPUT) for a
    folder without pairs, or of another program.
    """
    teacher = read_teacher(folder)
    if teacher is None:
        text = _("There are no pairs in “{folder}”.").format(folder=folder)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text)
    rows: dict[tuple[str, int], _Row] = {}
    for file in sorted(folder.glob(SHARDS)):
        with suppress(SketchDeskError, OSError, ValueError, KeyError, TypeError):
            for key, row in _rows(file, teacher.shape, verified).items():
                rows.setdefault(key, row)
    if wanted is None:
        pairs = sorted(
            (Pair(caption, seed, row.held_out) for (caption, seed), row in rows.items()),
            key=lambda pair: (pair.held_out, pair.seed, pair.caption),
        )
    else:
        pairs = [pair for pair in wanted if (pair.caption, pair.seed) in rows]
    return PairSet(folder, teacher, rows, pairs)


def write_shard(folder: Path, pairs: Sequence[Pair], noise: Floats, latents: Floats, precision: str = "") -> Path:
    """Write some pairs, [N, C, h, w] each, whole or not at all, and return their file.

    `precision` is that of the teacher's networks. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    rows = msgspec.json.encode(pairs)
    tensors: dict[str, NDArray[Any]] = {
        "latents": np.ascontiguousarray(latents, np.float16), "noise": np.ascontiguousarray(noise, np.float32),
    }  # fmt: skip
    sums = {name: zlib.crc32(tensor.data) for name, tensor in tensors.items()}
    told = {"pairs": rows.decode(), "crc32": msgspec.json.encode(sums).decode(), "precision": precision}
    file = folder / SHARDS.replace("*", hashlib.sha256(rows).hexdigest()[:24])
    with replacing(file) as temporary:
        write_tensors(temporary, tensors, told)
    return file


def _rows(file: Path, shape: tuple[int, int, int], verified: bool) -> dict[tuple[str, int], _Row]:
    """Return a shard's pairs by caption and seed. Raises SketchDeskError, OSError, ValueError, KeyError, TypeError."""
    header = safetensors_header(file)
    told = header[METADATA_KEY]
    pairs = reader(list[Pair]).decode(told["pairs"])
    shard = _Shard(file, {name: header[name] for name in ("noise", "latents")})
    tensors = {name: shard.array(name) for name in shard.header}
    if any(tensor.shape != (len(pairs), *shape) for tensor in tensors.values()):
        raise ValueError(f"{file} holds latents of another size")
    if verified:
        sums = msgspec.json.decode(told["crc32"], type=dict[str, int])
        if any(zlib.crc32(np.ascontiguousarray(tensor).data) != sums[name] for name, tensor in tensors.items()):
            raise ValueError(f"{file} is not what was written")
    return {(pair.caption, pair.seed): _Row(shard, number, pair.held_out) for number, pair in enumerate(pairs)}
