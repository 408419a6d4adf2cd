"""Precision, recall, density and coverage by neighbours among CLIP embeddings."""

from __future__ import annotations

from sketchdesk.engine.evaluation.metrics.material import Material, Measured
from sketchdesk.engine.evaluation.set_distances import DENSITY_NEIGHBOURS, manifolds
from sketchdesk.library.evaluation.findings import SetScore


def measure(material: Material) -> Measured:
    """Return four numbers for each set of more pictures than there are neighbours."""
    real, found = material.reference_embeddings, []
    for (experiment, model), numbers in material.groups.items():
        material.reporter.check_cancelled()
        if material.is_too_small("precision_recall", len(numbers), len(real), DENSITY_NEIGHBOURS + 1):
            continue
        shares = manifolds(material.embeddings[numbers], real)
        found += [
            SetScore(experiment=experiment, model=model, metric=name, value=getattr(shares, name), images=len(numbers))
            for name in ("precision", "recall", "density", "coverage")
        ]
    return Measured(sets=found)
