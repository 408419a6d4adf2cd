"""CLIP directional similarity (Gal et al. 2021): did the picture change as the words did?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.metrics.image_similarity import counterparts
from sketchdesk.engine.evaluation.metrics.material import Embeddings, Material, Measured


def measure(material: Material) -> Measured:
    """Return cos(E(picture) − E(counterpart), E(style and prompt) − E(prompt)) of every picture with a counterpart."""
    style = material.sources.style_prompt.strip()
    prompts = [one.row.prompt for one in material.scored]
    words = material.text_embeddings([f"{style} {prompt}" for prompt in prompts]) - material.text_embeddings(prompts)
    others, there = counterparts(material)
    found = cosine(material.embeddings - others, words)
    return Measured({
        "directional": [
            float(value) if known and prompt else None
            for value, known, prompt in zip(found, there, prompts, strict=True)
        ]
    })


def cosine(one: Embeddings, other: Embeddings) -> NDArray[np.float64]:
    """Return [N] cosines of rows; nought where a row has no direction."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.asarray((first * second).sum(axis=1) / np.where(lengths > 0, lengths, 1.0))
