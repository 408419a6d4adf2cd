"""CLIPScore of Hessel et al. 2021: 2.5 · max(cosine, 0)."""

from __future__ import annotations

from sketchdesk.engine.evaluation.metrics.cosine import cosines
from sketchdesk.engine.evaluation.metrics.material import Material, Measured

SCALE = 2.5


def measure(material: Material) -> Measured:
    """Return the scaled cosine of every picture that has a prompt."""
    return Measured({"clip_score": [None if c is None else SCALE * max(c, 0.0) for c in cosines(material)]})
