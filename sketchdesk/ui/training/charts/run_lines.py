"""What is drawn of runs in the charts: their losses, their memory, and the measure that a lower chart shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sketchdesk.contracts.text import _
from sketchdesk.ui.theme.manager import tokens
from sketchdesk.ui.training.charts.chart import Chart, Line
from sketchdesk.ui.training.charts.colour import run_colour
from sketchdesk.ui.training.charts.measures import lines_of
from sketchdesk.ui.training.charts.phase_marks import Begins
from sketchdesk.ui.training.runs.history import History

FAINT = 0.45
"""How much of its colour is left to what lies behind."""


@dataclass(frozen=True)
class Shown:
    """A run on show: the first one is in the foreground, the others are laid over it."""

    title: str
    history: History
    total: int
    max_grad_norm: float = 0.0
    distils: bool = False
    begins: Begins = ()
    """Of a distillation, its phases and the steps after which they begin."""


def draw_loss(chart: Chart, runs: Sequence[Shown], smoothing: float) -> set[str]:
    """Draw each run's loss of every batch, smoothed, and on what is held out; return the names of the lines."""
    drawn: set[str] = set()
    alone = len(runs) == 1
    for place, shown in enumerate(runs):
        colour, numbers = run_colour(place), shown.history.numbers
        if (raw := numbers.get("loss")) is not None:
            faint = tokens().muted if place == 0 else colour
            each = Line(faint, _("each batch") if alone else None, 1.0, strength=FAINT, depth=20 + place)
            smooth = Line(colour, _("smoothed") if alone else shown.title, 2.0, depth=place, is_smooth=True)
            chart.set_line(f"raw {place}", raw.steps, raw.values, each)
            chart.set_line(f"smooth {place}", raw.steps, raw.smoothed(smoothing), smooth)
            drawn |= {f"raw {place}", f"smooth {place}"}
        if (held_out := numbers.get("val_loss")) is not None:
            own = tokens().series[1] if alone else colour
            validation = Line(own, _("validation") if alone else None, 2.0, dashed=not alone, depth=10 + place)
            chart.set_line(f"validation {place}", held_out.steps, held_out.values, validation)
            drawn.add(f"validation {place}")
    return drawn


def draw_memory(chart: Chart, runs: Sequence[Shown]) -> set[str]:
    """Draw the most that each run has held so far, and, fainter, what it held; return the names of the lines."""
    drawn: set[str] = set()
    for place, shown in enumerate(runs):
        numbers, colour = shown.history.numbers, run_colour(place)
        if (most := numbers.get("memory_gib")) is not None:
            chart.set_line(f"most {place}", most.steps, most.values, Line(colour, "", depth=place))
            drawn.add(f"most {place}")
        if (now := numbers.get("memory_now_gib")) is not None:
            faint = Line(colour, None, 1.0, strength=FAINT, depth=20 + place)
            chart.set_line(f"now {place}", now.steps, now.values, faint)
            drawn.add(f"now {place}")
    return drawn


def draw_measure(chart: Chart, runs: Sequence[Shown], name: str) -> set[str]:
    """Draw all lines of a measure where a run is alone, else the first that any of them has; return their names."""
    drawn: set[str] = set()
    alone, histories = len(runs) == 1, [each.history for each in runs]
    lines = [each for each in lines_of(name) if any(each[0] in one.numbers for one in histories)]
    for place, history in enumerate(histories):
        for number, (metric, label) in enumerate(lines if alone else lines[:1]):
            if (series := history.numbers.get(metric)) is not None:
                # The names of runs stand in the legend of the loss; here the dots are enough.
                line = Line(run_colour(place + number), label if alone else "", depth=place + number)
                chart.set_line(f"{metric} {place}", series.steps, series.values, line)
                drawn.add(f"{metric} {place}")
    return drawn
