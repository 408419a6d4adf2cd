"""How near each picture is to a style: to its words, and to the middle of the pictures the model was trained on."""

from __future__ import annotations

import numpy as np

from sketchdesk.engine.evaluation.metrics.material import Material, Measured
from sketchdesk.engine.evaluation.scores import Value


def measure(material: Material) -> Measured:
    """Return cosines with the style's words, and with the training set's centroid where a set is named."""
    words = material.text_embeddings([material.sources.style_prompt.strip()])[0].astype(np.float64)
    columns: dict[str, list[Value | None]] = {"style_prompt": [float(c) for c in material.embeddings @ words]}
    if material.sources.training_set:
        centre = material.training.embeddings.astype(np.float64).mean(axis=0)
        centre /= np.linalg.norm(centre) or 1.0
        columns["style_set"] = [float(c) for c in material.embeddings @ centre]
    return Measured(dict(columns))
