"""Times that are known only roughly, for people."""

from __future__ import annotations

from sketchdesk.contracts.text import _
from sketchdesk.library.wording.number_words import number


def time_range_text(low_s: float, high_s: float) -> str:
    """Return between how long and how long, in the unit that fits: 5–8 min."""
    if high_s < 90:
        return _("{low}–{high} s").format(low=round(low_s), high=round(high_s))
    if high_s < 5400:
        return _("{low}–{high} min").format(low=max(1, round(low_s / 60)), high=round(high_s / 60))
    return _("{low}–{high} h").format(low=number(low_s / 3600, 1), high=number(high_s / 3600, 1))
