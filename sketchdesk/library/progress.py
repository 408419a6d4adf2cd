"""How far something long has come, told to whoever waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Hears how many are done and of how many; what it raises stops the work."""


def seldom(progress: Progress, every_s: float = 0.05, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a progress that passes on at most one word in so many seconds, and the last."""
    last = [0.0]

    def pass_on(done: int, total: int) -> None:
        if done == total or clock() - last[0] >= every_s:
            last[0] = clock()
            progress(done, total)

    return pass_on
