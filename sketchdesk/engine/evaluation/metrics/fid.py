"""FID (Heusel et al. 2017): the Fréchet distance of two sets' Inception features, in the clean resizing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.metrics.material import Material, Measured, OfSet
from sketchdesk.engine.evaluation.moments import Moments, frechet_distance
from sketchdesk.library.evaluation.metric_catalogue import FID_LEAST, PROTOCOLS, title_of


def measure(material: Material, name: str = "fid") -> Measured:
    """Return each set's distance to the reference; a set that is too small is told what to use instead."""
    size, real = PROTOCOLS[name], len(material.reference)
    of_reference: list[Moments] = []  # made for the first set that needs it

    def distance(numbers: NDArray[np.int64]) -> OfSet | None:
        least = 2 if material.sources.insist else FID_LEAST
        if len(numbers) < max(size, least) or real < least:
            words = _refusal().format(title=title_of(name), least=max(size, FID_LEAST), drawn=len(numbers), real=real)
            material.reporter.notice(words, "warning")
            return None
        if not of_reference:
            of_reference.append(Moments.of(material.reference_features))
        used = numbers[:size] if size else numbers
        return OfSet(frechet_distance(Moments.of(material.features[used]), of_reference[0]))

    return Measured(sets=material.of_sets(name, distance, size))


def _refusal() -> str:
    return _(
        "{title} needs {least} pictures, here are {drawn}, and {real} to compare with: below that it mostly measures "
        "their number. KID, CMMD and FID on CLIP features are made for small sets."
    )
