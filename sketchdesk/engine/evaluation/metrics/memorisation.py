"""Did the model learn pictures by heart? Each picture's nearest training picture, and the gap to what was held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.metrics.cosine import cosines
from sketchdesk.engine.evaluation.metrics.material import Material, Measured, OfSet
from sketchdesk.engine.evaluation.scores import Value
from sketchdesk.engine.evaluation.set_intervals import gap_interval, share_interval
from sketchdesk.library.evaluation.findings import Interval

HELD_OUT_SHARE = 0.95


def measure(material: Material) -> Measured:
    """Return each picture's likeness to its nearest training picture and which that is; and of each set two numbers.

    `copied_share`: how many are nearer to the training set than 95 % of the held-out pictures, where the reference
    folder holds such. `training_gap`: the mean cosine over prompts that are training captions minus that over the
    others, where there are both. Their intervals are made over prompts and take the 95 % of the held-out as given.
    """
    likeness, which = material.training.nearest(material.embeddings)
    columns: dict[str, list[Value | None]] = {
        "nearest_training": [float(value) for value in likeness],
        "nearest_training_image": [material.training.names[number] for number in which],
    }
    found = Measured(dict(columns))
    if material.sources.reference:
        held_out, _which = material.training.nearest(material.reference_embeddings)
        near = [float(is_near) for is_near in likeness > np.quantile(held_out, HELD_OUT_SHARE)]

        def share(numbers: NDArray[np.int64]) -> OfSet:
            return _told(share_interval(_by_prompt(material, near, numbers)))

        found.sets += material.of_sets("copied_share", share)
    fits = cosines(material)

    def gap(numbers: NDArray[np.int64]) -> OfSet | None:
        groups = _by_prompt(material, fits, numbers)
        seen = {prompt: values for prompt, values in groups.items() if material.training.has(prompt)}
        unseen = {prompt: values for prompt, values in groups.items() if prompt not in seen}
        return _told(gap_interval(seen, unseen)) if seen and unseen else None

    found.sets += material.of_sets("training_gap", gap)
    return found


def _by_prompt(
    material: Material, values: Sequence[float | None], numbers: NDArray[np.int64]
) -> dict[str, list[float]]:
    """Return prompt → the values that its pictures among `numbers` have; one without a prompt stands by itself."""
    groups: dict[str, list[float]] = {}
    for number in numbers:
        one, value = material.scored[number], values[number]
        if value is not None:
            groups.setdefault(one.row.prompt or str(one.path), []).append(value)
    return groups


def _told(found: Interval) -> OfSet:
    return OfSet(found.mean, interval=None if found.low is None else found)
