"""100 · cosine, the scale of many published tables."""

from __future__ import annotations

from sketchdesk.engine.evaluation.metrics.cosine import cosines
from sketchdesk.engine.evaluation.metrics.material import Material, Measured

SCALE = 100


def measure(material: Material) -> Measured:
    """Return the scaled cosine of every picture that has a prompt."""
    return Measured({"clip_100": [None if c is None else SCALE * c for c in cosines(material)]})
