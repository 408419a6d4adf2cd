"""The colours of runs, the same in the charts and in the list."""

from __future__ import annotations

from sketchdesk.ui.theme.manager import tokens


def run_colour(place: int) -> str:
    """Return the colour of the run in a place of the charts: the first in the foreground, the others over it."""
    # The second colour is the validation's when a run is alone; runs laid over it take the others.
    series = tokens().series
    return series[0] if place == 0 else series[1 + place % (len(series) - 1)]
