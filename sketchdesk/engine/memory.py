"""How much memory a device has and how much of it this process uses, in GiB (2^30 bytes)."""

from __future__ import annotations

import psutil
import torch

GIB = 2**30


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


def peak_gib(device: torch.device) -> float:
    """Return the most that was allocated on a GPU so far; elsewhere, where no peak is kept, what is held now."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / GIB
    return used_gib(device)
