"""Where judges and captioners compute, and in which precision."""

from __future__ import annotations

from collections.abc import Iterable

from sketchdesk.contracts.jobs import Precision
from sketchdesk.engine.device import Placement, place
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.weights import SAFE_SUFFIX

FULL_SIZE_BYTES = 100 * 2**20
"""Models from here on score in the device's fastest precision; the shipped ones are far below."""


def scoring_place(
    device: str, precision: Precision, num_threads: int | None, models: Iterable[str] = ()
) -> Placement:
    """Return where scoring runs. "auto" is fp32 for small models: their scores are to be the same everywhere.

    Where one of `models` is of full size, it is the precision that was measured to be the fastest here.
    """
    if precision == "auto" and not any(_is_full_size(name) for name in models):
        precision = "fp32"
    return place(device, precision, num_threads)


def _is_full_size(name: str) -> bool:
    found = locate(name)
    files = found.glob(f"*{SAFE_SUFFIX}") if found and found.is_dir() else ()
    return sum(file.stat().st_size for file in files) >= FULL_SIZE_BYTES
