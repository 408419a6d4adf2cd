"""CMMD (Jayasumana et al. 2024) with whichever CLIP model scores; published figures are of L/14 at 336 pixels."""

from __future__ import annotations

from sketchdesk.engine.evaluation.metrics.material import Material, Measured, OfSet
from sketchdesk.engine.evaluation.set_distances import cmmd


def measure(material: Material) -> Measured:
    """Return each set's distance to the reference."""
    real, drawn = material.reference_embeddings, material.embeddings
    return Measured(sets=material.of_sets("cmmd", lambda numbers: OfSet(cmmd(drawn[numbers], real))))
