"""The cosine of pictures with their texts, shared by those who scale it and those who judge with another model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.metrics.material import Material
from sketchdesk.library.models.installed import resolve_model


def cosines(material: Material) -> list[float | None]:
    """Return each picture's cosine with its text: as it was scored, else made now; None without a prompt."""
    if all(one.row.cosine is not None or not one.row.prompt for one in material.scored):
        return [one.row.cosine for one in material.scored]
    texts = material.text_embeddings(material.texts)
    return material.told((material.embeddings.astype(np.float64) * texts).sum(axis=1).tolist())


def preferences(material: Material, model: str) -> tuple[list[float | None], float]:
    """Return each picture's cosine by another CLIP model with its bare prompt, and that model's logit scale.

    Raises SketchDeskError where the model is missing or unreadable.
    """
    judge = ClipScorer.load(resolve_model(model), material.placement, material.batch_size)
    own = Material(
        scored=material.scored, texts=bare(material), sources=material.sources, placement=material.placement,
        reporter=material.reporter, clip_model=model, clip=judge, batch_size=material.batch_size,
        ranks=material.ranks,
    )  # fmt: skip
    texts = own.text_embeddings(own.texts)
    return own.told((own.embeddings.astype(np.float64) * texts).sum(axis=1).tolist()), judge.logit_scale


def bare(material: Material) -> Sequence[str]:
    """Return the prompts as they are."""
    return [one.row.prompt for one in material.scored]
