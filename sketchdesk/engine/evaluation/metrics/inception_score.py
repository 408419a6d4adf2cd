"""The Inception Score (Salimans et al. 2016), by the logits without bias, over ten parts of the set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.inception import CLASSES
from sketchdesk.engine.evaluation.metrics.material import Material, Measured, OfSet
from sketchdesk.engine.evaluation.set_distances import SPLITS, inception_score


def measure(material: Material) -> Measured:
    """Return each set's score and its deviation over the parts, and say where a part cannot show all classes."""

    def score(numbers: NDArray[np.int64]) -> OfSet:
        if len(numbers) < SPLITS * CLASSES:
            words = _(
                "Inception Score: {count} pictures make parts of {part}, and no score can be above that number; "
                "compare it with sets of that size only."
            )
            material.reporter.notice(words.format(count=len(numbers), part=-(-len(numbers) // SPLITS)), "warning")
        found = inception_score(material.inception.logits(material.features[numbers]))
        return OfSet(found.mean, found.deviation)

    return Measured(sets=material.of_sets("inception_score", score))
