"""A run's numbers over its steps, grown as they come and cut back where a resumed run goes over old ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_FIRST_ROOM = 256


class Series:
    """Values over rising steps."""

    def __init__(self) -> None:
        self._steps: Values = np.empty(_FIRST_ROOM)
        self._values: Values = np.empty(_FIRST_ROOM)
        self._smooth: Values = np.empty(_FIRST_ROOM)
        self._count = 0
        self._smoothed_count, self._weight, self._sum, self._mass = 0, 0.0, 0.0, 0.0

    def __len__(self) -> int:
        return self._count

    @property
    def steps(self) -> Values:
        """The steps, rising."""
        return self._steps[: self._count]

    @property
    def values(self) -> Values:
        """The value at each step."""
        return self._values[: self._count]

    def extend(self, steps: Sequence[int], values: Sequence[float]) -> None:
        """Add rising steps. What stood at the first of them or later is replaced: a resumed run does it again."""
        if not steps:
            return
        kept = int(np.searchsorted(self.steps, steps[0]))
        if kept < self._count:
            self._count, self._smoothed_count = kept, 0
        total = self._count + len(steps)
        while total > len(self._steps):
            self._steps, self._values, self._smooth = (
                np.concatenate([each, np.empty_like(each)]) for each in (self._steps, self._values, self._smooth)
            )
        self._steps[self._count : total] = steps
        self._values[self._count : total] = values
        self._count = total

    def smoothed(self, weight: float) -> Values:
        """Return the exponential moving average, `weight` 0..1 of it from the past; its start is not pulled to zero.

        Only what came since the last call with the same weight is computed.
        """
        if weight != self._weight or self._smoothed_count == 0:
            self._weight, self._smoothed_count, self._sum, self._mass = weight, 0, 0.0, 0.0
        total, mass, new = self._sum, self._mass, []
        for value in self._values[self._smoothed_count : self._count].tolist():
            total = weight * total + (1 - weight) * value
            mass = weight * mass + (1 - weight)
            new.append(total / mass)
        self._smooth[self._smoothed_count : self._count] = new
        self._smoothed_count, self._sum, self._mass = self._count, total, mass
        return self._smooth[: self._count]

    def at(self, step: float) -> tuple[float, float] | None:
        """Return (step, value) nearest to a step, or None while there is none."""
        if not self._count:
            return None
        after = int(np.searchsorted(self.steps, step))
        near = min(max(after, 0), self._count - 1)
        if near and abs(self._steps[near - 1] - step) <= abs(self._steps[near] - step):
            near -= 1
        return float(self._steps[near]), float(self._values[near])


def thinned(steps: Values, values: Values, first: float, last: float, most: int, peaks: bool) -> tuple[Values, Values]:
    """Return at most about 2 · `most` points that paint like all those between two steps.

    With `peaks` each run of neighbours is kept by its lowest and its highest value, else by its first one. One point
    beyond either edge stays, so that the line leaves the picture.
    """
    begin = max(0, int(np.searchsorted(steps, first)) - 1)
    end = min(len(steps), int(np.searchsorted(steps, last, side="right")) + 1)
    steps, values = steps[begin:end], values[begin:end]
    bunch = len(steps) // most
    if bunch < 2:
        return steps, values
    if not peaks:
        return steps[::bunch], values[::bunch]
    whole = len(steps) // bunch * bunch
    rows = values[:whole].reshape(-1, bunch)
    picked = np.stack([rows.argmin(axis=1), rows.argmax(axis=1)], axis=1)
    picked.sort(axis=1)  # in the order of the steps
    picked += np.arange(len(rows))[:, None] * bunch
    indices = np.concatenate([picked.ravel(), np.arange(whole, len(steps))])
    return steps[indices], values[indices]
