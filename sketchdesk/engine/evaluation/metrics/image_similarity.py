"""How like its counterpart each picture is, as the cosine of their CLIP embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.metrics.material import Embeddings, Material, Measured


def measure(material: Material) -> Measured:
    """Return the cosine of every picture with its counterpart; None where there is none."""
    others, there = counterparts(material)
    cosines = (material.embeddings.astype(np.float64) * others).sum(axis=1)
    return Measured({
        "image_similarity": [float(cosine) if known else None for cosine, known in zip(cosines, there, strict=True)]
    })


def counterparts(material: Material) -> tuple[Embeddings, list[bool]]:
    """Return [N, D] embeddings of the counterparts, and whether each picture has one; told where none has."""
    partners = material.partners()
    files = [partner for partner in partners if isinstance(partner, Path)]
    embedded = dict(zip(files, material.embeddings_of(files), strict=True)) if files else {}
    nothing = np.zeros(material.embeddings.shape[1], dtype=np.float32)
    rows = [
        material.embeddings[partner] if isinstance(partner, int) else embedded.get(partner, nothing) if partner
        else nothing
        for partner in partners
    ]  # fmt: skip
    there = [bool(row.any()) for row in rows]
    if not any(there):
        message = _("No picture has a counterpart: neither the file names nor the prompts and seeds are the same.")
        material.reporter.notice(message, "warning")
    return np.stack(rows), there
