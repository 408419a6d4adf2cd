"""The most memory a stretch of work held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sketchdesk.engine.memory import peak_gib, used_gib

EVERY_S = 0.005


class Peak:
    """Filled in when the stretch is over."""

    gib = 0.0


@contextmanager
def peak_memory(device: torch.device) -> Iterator[Peak]:
    """Yield what will hold the peak: a CUDA device's own count; elsewhere memory is looked at every few milliseconds.

    Looking costs a little time, so what is timed is not drawn inside.
    """
    found = Peak()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        yield found
        found.gib = peak_gib(device)
        return
    over = threading.Event()

    def look() -> None:
        while not over.wait(EVERY_S):
            found.gib = max(found.gib, used_gib(device))

    watcher = threading.Thread(target=look, name="peak-memory", daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()
        found.gib = max(found.gib, used_gib(device))
