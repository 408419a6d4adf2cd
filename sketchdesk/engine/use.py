"""How busy the machine is while a job works: its processor, its graphics card, and the memory in use."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil
import torch

from sketchdesk.engine import memory

LEAST_S = 1.0
"""Between two looks: over less time the shares would be chance."""


class Use:
    """Looks at most once a second at how busy everything is."""

    def __init__(self, device: torch.device) -> None:
        """Begin to watch what a job on a device takes."""
        self._device, self._process = device, psutil.Process()
        self._tells_card = device.type == "cuda"
        self._looked = time.monotonic()
        self._process.cpu_percent()  # both count from here
        psutil.cpu_percent()

    def look(self) -> dict[str, float]:
        """Return shares in percent since the last look, and GiB held now; {} where that is less than a second ago.

        cpu is this process's share of all cores, cpu_all that of everything; gpu is how much of the time a card worked,
        where its driver tells.
        """
        now = time.monotonic()
        if now - self._looked < LEAST_S:
            return {}
        self._looked = now
        found = {"memory_now_gib": memory.used_gib(self._device)}
        with suppress(psutil.Error, OSError):  # a sandbox that hides it
            found["cpu"] = min(100.0, self._process.cpu_percent() / (psutil.cpu_count() or 1))
            found["cpu_all"] = psutil.cpu_percent()
        if self._tells_card:
            self._look_at_card(found)
        return found

    def _look_at_card(self, found: dict[str, float]) -> None:
        try:
            found["gpu"] = float(torch.cuda.utilization(self._device))
        except Exception:  # noqa: BLE001 - pynvml's errors are its own, and it may be missing
            self._tells_card = False
