"""PickScore (Kirstain et al. 2023): a CLIP model's cosine times its own logit scale, with the bare prompt."""

from __future__ import annotations

from sketchdesk.engine.evaluation.metrics.cosine import preferences
from sketchdesk.engine.evaluation.metrics.material import Material, Measured


def measure(material: Material) -> Measured:
    """Return the score of every picture that has a prompt."""
    found, scale = preferences(material, material.sources.pickscore_model)
    return Measured({"pickscore": [None if cosine is None else scale * cosine for cosine in found]})
