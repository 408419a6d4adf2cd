"""Axes of charts that write their numbers as the language in use does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from sketchdesk.library.number_words import localized

APART_PX = {"left": 26, "bottom": 44}
"""From one number at an axis to the next, at least."""


NEARLY = 0.9
"""A round distance may be this much shorter."""


def spacing_of(low: float, high: float, length_px: float, apart_px: float) -> float:
    """Return the distance from one number at an axis to the next: 1, 2 or 5 times a power of ten."""
    most = max(3, math.ceil(length_px / apart_px))
    least = max(high - low, 1e-300) / most
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * NEARLY)


def local_axes() -> dict[str, Any]:
    """Return the axes of one chart, for PlotWidget(axisItems=…). Imports pyqtgraph, which takes a moment."""
    return {side: _axis_class()(side) for side in ("left", "bottom")}


@cache
def _axis_class() -> Any:
    import pyqtgraph as pg

    class LocalAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
        def tickSpacing(self, low: float, high: float, length_px: float) -> list[tuple[float, float]]:
            """Return one distance, so that every line of the grid has its number."""
            return [(spacing_of(low, high, length_px, APART_PX[self.orientation]), 0)]

        def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
            """Write the numbers along the axis as they are: pyqtgraph would turn 0.5 into 500 thousandths."""
            return [localized(text) for text in super().tickStrings(values, 1.0, spacing)]

    return LocalAxis
