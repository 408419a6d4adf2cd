"""How much of the machine is in use: memory and disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil
from msgspec import Struct

GIB = 1024**3

LOW_DISK_GIB = 2.0
"""Less than this, and a training could end with a full disk."""


class SystemLoad(Struct, frozen=True, kw_only=True):
    """One reading. GiB are 2**30 bytes."""

    memory_used_gib: float
    memory_total_gib: float
    disk_free_gib: float | None
    """Of the disk that holds the data folder; None where it cannot be read."""
    folder_is_there: bool = True
    """Whether the data folder still exists."""


def read_system(folder: Path) -> SystemLoad:
    """Read memory, and the free space where `folder` lies. It may take as long as a slow disk takes."""
    memory = psutil.virtual_memory()
    there = folder.is_dir()
    try:
        place = folder if there else next(parent for parent in folder.parents if parent.is_dir())
        free: float | None = shutil.disk_usage(place).free / GIB
    except (OSError, StopIteration):
        free = None
    return SystemLoad(
        memory_used_gib=(memory.total - memory.available) / GIB,
        memory_total_gib=memory.total / GIB,
        disk_free_gib=free,
        folder_is_there=there,
    )
