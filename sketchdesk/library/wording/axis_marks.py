"""How far a chart's axis reaches, and where its numbers stand: round ones, far enough from each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sketchdesk.library.evaluation.findings import Interval

NEARLY = 0.9
"""A round distance may be this much shorter."""
NEARLY_NOUGHT = 1e-9
"""What rounding may take from a mark at the very end, in distances."""


def spacing_of(low: float, high: float, length_px: float, apart_px: float) -> float:
    """Return the distance from one number at an axis to the next: 1, 2 or 5 times a power of ten."""
    most = max(3, math.ceil(length_px / apart_px))
    least = max(high - low, 1e-300) / most
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * NEARLY)


def marks_of(span: tuple[float, float], length_px: float, apart_px: float) -> list[float]:
    """Return the round numbers along an axis from `span`'s low end to its high one."""
    low, high = span
    step = spacing_of(low, high, length_px, apart_px)
    first, last = math.ceil(low / step - NEARLY_NOUGHT), math.floor(high / step + NEARLY_NOUGHT)
    return [mark * step for mark in range(first, last + 1)]


def reach_of(intervals: Sequence[Interval], with_zero: bool) -> tuple[float, float]:
    """Return the range that intervals drawn below each other share; 0 to 1 of none.

    What two images say of their prompt can reach further than any score: what lies beyond three times the means' own
    range is left out, and such intervals are drawn cut.
    """
    means = [found.mean for found in intervals] + [0.0] * with_zero
    if not intervals:
        return 0.0, 1.0
    ends = [value for found in intervals for value in (found.low, found.high) if value is not None]
    low, high = min(means), max(means)
    room = high - low or math.inf
    return max(min(means + ends), low - room), min(max(means + ends), high + room)
