"""Chance by number: every random choice about data is a pure function of the seed and of what it is for.

So a resumed run chooses as the uninterrupted one would have, and so does any number of workers.
"""

from __future__ import annotations

from typing import NamedTuple

ORDER, STEP, SPLIT, VALIDATION, CROP, FLIP, BATCHES, ROUNDING, DROPOUT = 1, 2, 4, 5, 6, 7, 8, 9, 10
"""What a seed is for."""

_MASK = 2**64 - 1


def step_seed(seed: int, step: int, purpose: int) -> int:
    """Return a seed for one purpose at one step, far from those of its neighbours (splitmix64's mixing)."""
    value = (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + purpose * 0x94D049BB133111EB) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return (value ^ (value >> 31)) >> 1


class View(NamedTuple):
    """How a picture is shown this time."""

    crop: tuple[float, float]
    """Where the part that is shown lies, 0..1 along each side; (0.5, 0.5) is the centre."""
    flipped: bool


CENTRE = (0.5, 0.5)


def view_of(seed: int, epoch: int, index: int, center_crop: bool, random_flip: bool) -> View:
    """Return how the example at `index` is shown in pass `epoch` over the set, both from 0."""
    crop = CENTRE if center_crop else (_share(seed, epoch, 2 * index, CROP), _share(seed, epoch, 2 * index + 1, CROP))
    return View(crop, random_flip and _share(seed, epoch, index, FLIP) < 0.5)


def _share(seed: int, epoch: int, index: int, purpose: int) -> float:
    """Return a number in 0..1, 1 excluded."""
    return step_seed(step_seed(seed, epoch, purpose), index, purpose) / 2**63
