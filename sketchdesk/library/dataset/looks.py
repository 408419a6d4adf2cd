"""Which pictures look alike: a difference hash a picture, confirmed by a tiny picture, and the groups that follow.

The hash (Krawetz's dHash, here of 16 × 16 bits): the picture in grey at 17 × 16; a bit a pair of neighbours in a row,
set where the left one is the brighter. Rescaling, recompression and small changes of tone flip few of them. Drawings on
flat grounds have few bits at all, so that different ones may be near; the tiny picture tells those apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

SIDE = 16
BITS = SIDE * SIDE
DIFFERENT_BITS = 10
"""As many flipped bits as two pictures that look alike may have."""
NOISE = 2
"""A step of brightness, of 255, that counts as none: else the grain of flat grounds would fill the hash."""
TINY = 8
DIFFERENT_TONES = 32
"""How far any of the tiny pictures' tones may be apart, of 255, their means taken off."""
CHUNK = 512
_HASH_BYTES = BITS // 8


def look_of(picture: Image.Image) -> bytes:
    """Return how a picture looks: its hash, 32 bytes, then its tiny picture, 8 × 8 × RGB."""
    grey = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX, reducing_gap=3.0)
    pixels = np.asarray(grey, dtype=np.int16)
    tiny = picture.convert("RGB").resize((TINY, TINY), Image.Resampling.BOX, reducing_gap=3.0)
    return np.packbits(pixels[:, :-1] > pixels[:, 1:] + NOISE).tobytes() + tiny.tobytes()


def alike(looks: Sequence[bytes], tell: Callable[[int, int], None] | None = None) -> list[int]:
    """Return a group's number for each picture: the position of the first one it looks like, itself included.

    Groups are closed: what looks like a member is a member. `tell(done, total)` may raise to stop. Compared are only
    hashes with nearly as many bits set, since others differ too much: n²/2 comparisons at the worst.
    """
    group = list(range(len(looks)))
    first: dict[bytes, int] = {}
    for index, look in enumerate(looks):
        group[index] = first.setdefault(look, index)
    distinct = sorted(first.items(), key=lambda pair: (int.from_bytes(pair[0][:_HASH_BYTES]).bit_count(), pair[1]))
    hashes = np.frombuffer(b"".join(look[:_HASH_BYTES] for look, _index in distinct), dtype=np.uint64)
    hashes = hashes.reshape(-1, BITS // 64)
    tones = np.stack([_tones(look) for look, _index in distinct]) if distinct else np.empty((0, TINY * TINY * 3))
    counts = np.bitwise_count(hashes).sum(axis=1, dtype=np.int64)
    ends = np.searchsorted(counts, counts + DIFFERENT_BITS, side="right")
    for row in range(len(hashes)):
        rest = slice(row + 1, int(ends[row]))
        near = np.flatnonzero(np.bitwise_count(hashes[rest] ^ hashes[row]).sum(axis=1) <= DIFFERENT_BITS) + row + 1
        for other in near[np.abs(tones[near] - tones[row]).max(axis=1, initial=0) <= DIFFERENT_TONES]:
            _join(group, distinct[row][1], distinct[int(other)][1])
        if tell and row % CHUNK == 0:
            tell(row, len(hashes))
    return [_root(group, index) for index in range(len(group))]


def _tones(look: bytes) -> np.ndarray:
    """Return the tiny picture of a look, each channel's mean taken off."""
    tiny = np.frombuffer(look[_HASH_BYTES:], dtype=np.uint8).reshape(-1, 3).astype(np.float32)
    return np.asarray(tiny - tiny.mean(axis=0)).reshape(-1)


def _root(group: list[int], index: int) -> int:
    while group[index] != index:
        group[index] = group[group[index]]
        index = group[index]
    return index


def _join(group: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(group, one), _root(group, other)))
    group[high] = low
