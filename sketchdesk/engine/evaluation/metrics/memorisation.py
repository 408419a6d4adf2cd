"""Did the model learn pictures by heart? Each picture's nearest training picture, and the gap to what was held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.metrics.cosine import cosines
from sketchdesk.engine.evaluation.metrics.material import Material, Measured
from sketchdesk.engine.evaluation.scores import Value

HELD_OUT_SHARE = 0.95


def measure(material: Material) -> Measured:
    """Return each picture's likeness to its nearest training picture and which that is; and of each set two numbers.

    `copied_share`: how many are nearer to the training set than 95 % of the held-out pictures, where the reference
    folder holds such. `training_gap`: the mean cosine of pictures whose prompt is a training caption minus that of the
    others, where there are both.
    """
    likeness, which = material.training.nearest(material.embeddings)
    columns: dict[str, list[Value | None]] = {
        "nearest_training": [float(value) for value in likeness],
        "nearest_training_image": [material.training.names[number] for number in which],
    }
    found = Measured(dict(columns))
    if material.sources.reference:
        held_out, _which = material.training.nearest(material.reference_embeddings)
        limit = np.quantile(held_out, HELD_OUT_SHARE)
        near = likeness > limit
        found.sets += material.of_sets("copied_share", lambda numbers: (float(near[numbers].mean()), None))
    fits = np.array([np.nan if cosine is None else cosine for cosine in cosines(material)])
    trained = np.array([material.training.has(one.row.prompt) for one in material.scored])

    def gap(numbers: NDArray[np.int64]) -> tuple[float, None] | None:
        told = numbers[~np.isnan(fits[numbers])]
        seen, unseen = fits[told[trained[told]]], fits[told[~trained[told]]]
        return (float(seen.mean() - unseen.mean()), None) if len(seen) and len(unseen) else None

    found.sets += material.of_sets("training_gap", gap)
    return found
