"""HPS v2 (Wu et al. 2023): a CLIP model's cosine times 100, of the bare prompt, in transformers' format."""

from __future__ import annotations

from sketchdesk.engine.evaluation.metrics.cosine import preferences
from sketchdesk.engine.evaluation.metrics.material import Material, Measured

SCALE = 100


def measure(material: Material) -> Measured:
    """Return the score of every picture that has a prompt."""
    found, _scale = preferences(material, material.sources.hps_model)
    return Measured({"hps": [None if cosine is None else SCALE * cosine for cosine in found]})
