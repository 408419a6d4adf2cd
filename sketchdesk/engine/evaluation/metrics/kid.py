"""KID (Bińkowski et al. 2018): the kernel distance of two sets' Inception features; small sets do not bias it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.metrics.material import Material, Measured, OfSet
from sketchdesk.engine.evaluation.set_distances import kernel_distance


def measure(material: Material) -> Measured:
    """Return each set's distance to the reference, with its deviation over subsets where they are parts of both."""
    real = material.reference_features

    def distance(numbers: NDArray[np.int64]) -> OfSet | None:
        if material.is_too_small("kid", len(numbers), len(real), 2):
            return None
        found = kernel_distance(material.features[numbers], real)
        return OfSet(found.mean, found.deviation)

    return Measured(sets=material.of_sets("kid", distance))
