"""The Inception Score (Salimans et al. 2016), by the logits without bias, over ten parts of the set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.metrics.material import Material, Measured
from sketchdesk.engine.evaluation.set_distances import inception_score


def measure(material: Material) -> Measured:
    """Return each set's score and its deviation over the parts."""

    def score(numbers: NDArray[np.int64]) -> tuple[float, float]:
        found = inception_score(material.inception.logits(material.features[numbers]))
        return found.mean, found.deviation

    return Measured(sets=material.of_sets("inception_score", score))
