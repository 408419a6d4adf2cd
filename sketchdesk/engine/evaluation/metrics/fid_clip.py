"""The Fréchet distance of CLIP embeddings: fewer numbers a picture than Inception's, so fewer pictures do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.metrics.material import Material, Measured, OfSet
from sketchdesk.engine.evaluation.moments import Moments, frechet_distance


def measure(material: Material) -> Measured:
    """Return each set's distance to the reference; sets of one picture have none."""
    real, drawn = Moments.of(material.reference_embeddings), material.embeddings

    def distance(numbers: NDArray[np.int64]) -> OfSet | None:
        if material.is_too_small("fid_clip", len(numbers), real.count, 2):
            return None
        return OfSet(frechet_distance(Moments.of(drawn[numbers]), real))

    return Measured(sets=material.of_sets("fid_clip", distance))
