"""How the engine takes memory from the system: in large pages, and kept for the next layer once it has it.

A picture's layers need hundreds of megabytes each and free them at once. By default every one of them is given back to
the system and asked for again, a page of 4 KiB at a time, each filled with zeros: three decodings at 512 pixels were
seen to take 2.4 million page faults.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LARGE_PAGES_VARIABLE = "THP_MEM_ALLOC_ENABLE"
"""PyTorch's own: at 1 it asks for large pages for what is larger than one of them (Linux)."""
KEPT_BYTES = 2**30
"""So much freed memory is kept."""
KEPT_PIECE_BYTES = 100 * 2**20
"""Larger pieces are not taken from it: there are few of them, and they would leave the largest holes."""
GIVEN_BACK_BYTES = 2**17
"""The C library's own number, which it otherwise raises by itself as it goes."""
TRAINED_PIECE_BYTES = 2**20
"""While a network is trained on a CPU: gradients do not fit into the holes that copies of weights leave."""
_MOST_PIECE_BYTES = 32 * 2**20
"""Older C libraries refuse a larger number for pieces, and would then keep none."""
_OPTIONS = {"MALLOC_TRIM_THRESHOLD_": -1, "MALLOC_MMAP_THRESHOLD_": -3}
"""By the variables the C library reads them from, its own numbers."""

_keeps = False


def keep_memory() -> None:
    """Set this process up; before torch is imported. Does nothing where the C library is not GNU's.

    What the person has set in the environment stays.
    """
    global _keeps
    if sys.platform == "linux":
        os.environ.setdefault(LARGE_PAGES_VARIABLE, "1")
        _keeps = True
        _set(KEPT_BYTES, KEPT_PIECE_BYTES)


@contextmanager
def given_back(piece_bytes: int = GIVEN_BACK_BYTES, kept_bytes: int = GIVEN_BACK_BYTES) -> Iterator[None]:
    """For as long as weights are laid down: freed memory goes back at once, so that no holes stay between them.

    What is free already goes back too. `piece_bytes` and `kept_bytes` say from which size on a piece does, and how much
    of smaller ones is kept all the same.
    """
    if not _keeps:
        yield
        return
    _set(kept_bytes, piece_bytes)
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
    try:
        yield
    finally:
        _set(KEPT_BYTES, KEPT_PIECE_BYTES)


def _set(trim_bytes: int, piece_bytes: int) -> None:
    for (variable, option), value in zip(_OPTIONS.items(), (trim_bytes, piece_bytes), strict=True):
        if variable not in os.environ:
            with suppress(OSError, AttributeError):  # another C library
                set_to = ctypes.CDLL(None).mallopt
                if not set_to(option, value):
                    set_to(option, min(value, _MOST_PIECE_BYTES))
