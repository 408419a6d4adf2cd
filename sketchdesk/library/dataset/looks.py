"""Which pictures look alike: a difference hash a picture, and the groups of those whose hashes hardly differ.

The hash (Krawetz's dHash, here of 16 × 16 bits): the picture in grey at 17 × 16; a bit a pair of neighbours in a row,
set where the left one is the brighter. Rescaling, recompression and small changes of tone flip few of them.
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
CHUNK = 512


def look_of(picture: Image.Image) -> bytes:
    """Return the picture's hash, 32 bytes."""
    grey = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX, reducing_gap=3.0)
    pixels = np.asarray(grey, dtype=np.int16)
    return np.packbits(pixels[:, :-1] > pixels[:, 1:] + NOISE).tobytes()


def alike(looks: Sequence[bytes], tell: Callable[[int, int], None] | None = None) -> list[int]:
    """Return a group's number for each picture: the position of the first one it looks like, itself included.

    Groups are closed: what looks like a member is a member. `tell(done, total)` may raise to stop. Compared are only
    hashes with nearly as many bits set, since others differ too much: n²/2 comparisons at the worst.
    """
    group = list(range(len(looks)))
    first = dict[bytes, int]()
    for index, look in enumerate(looks):
        group[index] = first.setdefault(look, index)
    distinct = sorted(first.items(), key=lambda pair: (int.from_bytes(pair[0]).bit_count(), pair[1]))
    hashes = np.frombuffer(b"".join(look for look, _index in distinct), dtype=np.uint64).reshape(-1, BITS // 64)
    counts = np.bitwise_count(hashes).sum(axis=1, dtype=np.int64)
    ends = np.searchsorted(counts, counts + DIFFERENT_BITS, side="right")
    for start in range(0, len(hashes), CHUNK):
        stop = min(start + CHUNK, len(hashes))
        others = hashes[start : ends[stop - 1]]
        for row in range(start, stop):
            rest = others[row + 1 - start : ends[row] - start]
            near = np.bitwise_count(rest ^ hashes[row]).sum(axis=1) <= DIFFERENT_BITS
            for offset in np.flatnonzero(near):
                _join(group, distinct[row][1], distinct[row + 1 + int(offset)][1])
        if tell:
            tell(stop, len(hashes))
    return [_root(group, index) for index in range(len(group))]


def _root(group: list[int], index: int) -> int:
    while group[index] != index:
        group[index] = group[group[index]]
        index = group[index]
    return index


def _join(group: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(group, one), _root(group, other)))
    group[high] = low
