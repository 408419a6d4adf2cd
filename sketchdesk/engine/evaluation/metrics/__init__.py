"""Metrics beyond the cosine: a file each, with one function `measure`. library.evaluation.metric_catalogue names them.

A new one is its name in contracts.jobs.Metric, its entry in the catalogue, and its file here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from sketchdesk.contracts.jobs import Metric
from sketchdesk.engine.evaluation.metrics.material import Material, Measured
from sketchdesk.library.evaluation.metric_catalogue import PROTOCOLS

IN_SCORING: tuple[Metric, ...] = ("clip", "blip")
"""Taken while the pictures are scored (engine.evaluation.scoring)."""


def measure_of(name: Metric) -> Callable[[Material], Measured]:
    """Return what computes a metric. Only those asked for are imported."""
    module = import_module(f"{__name__}.{'fid' if name in PROTOCOLS else name}")
    if name in PROTOCOLS:
        return lambda material: module.measure(material, name)
    found: Callable[[Material], Measured] = module.measure
    return found
