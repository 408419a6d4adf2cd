"""Axes of charts that write their numbers as the language in use does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sketchdesk.library.wording.axis_marks import spacing_of
from sketchdesk.library.wording.number_words import localized

APART_PX = {"left": 26, "bottom": 44}
"""From one number at an axis to the next, at least."""


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
