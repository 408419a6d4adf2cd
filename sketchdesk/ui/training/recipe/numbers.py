"""Figures of a forecast as texts."""

from __future__ import annotations

from sketchdesk.library.training.forecast import MemoryForecast
from sketchdesk.ui.numbers import gib_text


def memory_range(memory: MemoryForecast) -> str:
    """Return between how many GiB a training will need, e.g. "4.6–5.3"; one figure where both are the same."""
    low, high = gib_text(memory.low_gib), gib_text(memory.high_gib)
    return low if low == high else f"{low}–{high}"
