"""Axes of charts that write their numbers as the language in use does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sketchdesk.library.number_words import localized


def local_axes() -> dict[str, Any]:
    """Return the axes of one chart, for PlotWidget(axisItems=…). Imports pyqtgraph, which takes a moment."""
    return {side: _axis_class()(side) for side in ("left", "bottom")}


@cache
def _axis_class() -> Any:
    import pyqtgraph as pg

    class LocalAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
        def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
            """Write the numbers along the axis as they are: pyqtgraph would turn 0.5 into 500 thousandths."""
            return [localized(text) for text in super().tickStrings(values, 1.0, spacing)]

    return LocalAxis
