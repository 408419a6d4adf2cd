"""How much memory a device has and how much of it this process uses, in GiB (2^30 bytes)."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import psutil
import torch

GIB = 2**30
_PROCESS = Path("/proc/self")
_FORGET = "5"
"""What clear_refs knows as: the peak of the resident memory is what is resident now (proc(5))."""


def has_own_memory(device: torch.device) -> bool:
    """Tell whether a device has a memory of its own, which what waits can leave for the machine's."""
    return device.type == "cuda"


def total_gib(device: torch.device) -> float:
    """Return the memory of the device: a GPU's own, or the machine's for the CPU and for Apple's shared memory."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory / GIB
    return float(psutil.virtual_memory().total / GIB)


def budget_gib(device: torch.device) -> float:
    """Return how much a job may take: what is free, and what this process holds already, models among it."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        return float((free + torch.cuda.memory_reserved(device)) / GIB)
    return float(psutil.virtual_memory().available / GIB) + used_gib(device)


def used_gib(device: torch.device) -> float:
    """Return what this process holds now: allocated on the GPU, or its resident memory on the CPU."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device) / GIB
    if device.type == "mps":
        return torch.mps.driver_allocated_memory() / GIB
    return float(psutil.Process().memory_info().rss / GIB)


def forget_peak(device: torch.device) -> None:
    """Let the peak begin anew, at what is held now; where a system's own count goes on, it stays the process's."""
    if device.type == "cuda":
        torch.cuda.init()  # before it there is no count to reset, and torch refuses
        torch.cuda.reset_peak_memory_stats(device)
    elif sys.platform == "linux":
        with suppress(OSError):  # a kernel without it, or a sandbox
            (_PROCESS / "clear_refs").write_text(_FORGET, encoding="ascii")


def peak_gib(device: torch.device) -> float:
    """Return the most that was held since forget_peak: allocated on a GPU, resident on the CPU as the system counts it.

    macOS and Windows count from the process's beginning. Of Apple's GPUs no peak is kept: what is held now.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / GIB
    if device.type == "mps":
        return used_gib(device)
    return max(_resident_peak() / GIB, used_gib(device))


def _resident_peak() -> float:
    """Return the most bytes that were resident; 0 where nobody counts."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset)
    if sys.platform == "darwin":
        import resource

        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    with suppress(OSError):
        for line in (_PROCESS / "status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return 1024.0 * int(line.split()[1])
    return 0.0
