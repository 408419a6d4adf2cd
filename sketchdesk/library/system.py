"""What the machine has, and how much of it is in use: processors, memory, disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

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
    folder_id: tuple[int, int] | None = None
    """Which folder it is; another one in its place has another. None where there is none."""


def usable_processors() -> int:
    """Return how many processors this process may use, at least one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_system(folder: Path) -> SystemLoad:
    """Read memory, and the free space where `folder` lies. It may take as long as a slow disk takes."""
    import psutil  # not before it is asked, in a thread: the window is painted first

    memory = psutil.virtual_memory()
    found = folder_id(folder)
    try:
        place = folder if found else next(parent for parent in folder.parents if parent.is_dir())
        free: float | None = shutil.disk_usage(place).free / GIB
    except (OSError, StopIteration):
        free = None
    return SystemLoad(
        memory_used_gib=(memory.total - memory.available) / GIB,
        memory_total_gib=memory.total / GIB,
        disk_free_gib=free,
        folder_id=found,
    )


def folder_id(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one that was made in its place, None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
