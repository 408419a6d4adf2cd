"""Which examples a micro-batch shows: shuffled passes over the set, seamless at their ends, one shape a batch.

A pure function of the step, so that a resumed run goes on with exactly the examples it would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from sketchdesk.library.dataset.chance import BATCHES, ORDER, step_seed


class Shown(NamedTuple):
    """An example in one pass over the set."""

    example: int
    """Which, by its position in the set."""
    place: int
    """Of this showing among those of a pass: an example with repeats has several."""
    epoch: int


class Order:
    """Batches of `size` from examples in buckets of one shape each.

    Every bucket is shown in shuffled passes of its own. How many batches of it come in pass number e is how many its
    passes have filled by then, so that over time each example is shown as often as its repeats say, none dropped or
    doubled at a pass's end. Within a pass the buckets' batches are shuffled.
    """

    def __init__(self, buckets: Sequence[int], repeats: Sequence[int], size: int, seed: int) -> None:
        self._size, self._seed = size, seed
        showings: dict[int, list[Shown]] = {}
        place = 0
        for index, (bucket, count) in enumerate(zip(buckets, repeats, strict=True)):
            showings.setdefault(bucket, []).extend(Shown(index, place + n, 0) for n in range(count))
            place += count
        self._buckets = [showings[bucket] for bucket in sorted(showings)]
        self.length = place
        """Showings in one pass."""
        self._plans: dict[int, list[tuple[int, int]]] = {}
        self._permutations: dict[tuple[int, int], list[int]] = {}

    def at(self, step: int) -> list[Shown]:
        """Return what micro-batch number `step`, from 0, shows."""
        bucket, number = self._batch(step)
        showings, count = self._buckets[bucket], len(self._buckets[bucket])
        shown = []
        for wanted in range(number * self._size, (number + 1) * self._size):
            epoch, position = divmod(wanted, count)
            shown.append(showings[self._permutation(bucket, epoch)[position]]._replace(epoch=epoch))
        return shown

    def _batch(self, step: int) -> tuple[int, int]:
        """Return the bucket of a step, and which of that bucket's batches it is."""
        if len(self._buckets) == 1:
            return 0, step
        low, high = 0, 1
        while self._begun(high) <= step:
            low, high = high, 2 * high
        while high - low > 1:  # the pass whose batches hold the step
            middle = (low + high) // 2
            low, high = (middle, high) if self._begun(middle) <= step else (low, middle)
        return self._plan(low)[step - self._begun(low)]

    def _begun(self, epoch: int) -> int:
        """Return how many batches come before a pass."""
        return sum(epoch * len(showings) // self._size for showings in self._buckets)

    def _plan(self, epoch: int) -> list[tuple[int, int]]:
        if epoch not in self._plans:
            batches = [
                (bucket, number) for bucket, showings in enumerate(self._buckets)
                for number in range(epoch * len(showings) // self._size, (epoch + 1) * len(showings) // self._size)
            ]  # fmt: skip
            order = _shuffled(len(batches), step_seed(self._seed, epoch, BATCHES))
            self._plans = {epoch: [batches[position] for position in order]}
        return self._plans[epoch]

    def _permutation(self, bucket: int, epoch: int) -> list[int]:
        if (bucket, epoch) not in self._permutations:
            seed = step_seed(self._seed, epoch, ORDER)
            seed = step_seed(seed, bucket, ORDER) if bucket else seed
            self._permutations = {
                (other, known): order for (other, known), order in self._permutations.items()
                if other != bucket or known >= epoch - 1
            }  # fmt: skip
            self._permutations[bucket, epoch] = _shuffled(len(self._buckets[bucket]), seed)
        return self._permutations[bucket, epoch]


def _shuffled(count: int, seed: int) -> list[int]:
    order: list[int] = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    return order
