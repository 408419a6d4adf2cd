"""Line charts beside and below one another as one SVG, in the colours of the window's themes, light or dark."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sketchdesk.library.wording.markup import Markup, element, together
from sketchdesk.library.wording.number_words import localized
from sketchdesk.ui.theme.tokens import Tokens

Point = tuple[float, float]

COLUMNS = 2
FONTS = "Inter, sans-serif"
WIDTH, HEIGHT = 370, 272
"""Of one chart, in px."""
LEFT, RIGHT, TOP, BOTTOM = 46, 18, 74, 40
TITLE_PX, TEXT_PX, LETTER_PX = 13, 11, 6.2
"""LETTER_PX is about how wide a letter of TEXT_PX is."""
SWATCH_PX, GAP_PX = 18, 12
MOST_TICKS = 5


class Line(NamedTuple):
    """Values in order, with a colour of the theme's series; one without points is not drawn."""

    name: str
    points: Sequence[Point]
    series: int


class Level(NamedTuple):
    """What the lines are compared with: a dashed line across."""

    name: str
    value: float


class Chart(NamedTuple):
    """What one chart shows."""

    title: str
    """What is measured, with its unit."""
    below: str
    """What goes from left to right."""
    lines: Sequence[Line]
    levels: Sequence[Level]
    marks: Sequence[float]
    """Where the horizontal axis has figures."""
    doubling: bool
    """Whether twice as much is always as far, for values above 0."""


def drawing(charts: Sequence[Chart], colours: Tokens) -> str:
    """Return the charts as an SVG; numbers are written as the language in use does. Each needs a value to show."""
    rows = math.ceil(len(charts) / COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    placed = []
    for place, chart in enumerate(charts):
        at = f"translate({place % COLUMNS * WIDTH} {place // COLUMNS * HEIGHT})"
        placed.append(element("g", _chart(chart, colours), transform=at))
    ground = element("rect", width=width, height=height, fill=colours.surface)
    return element(
        "svg", ground, *placed, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {height}", width=width,
        height=height, font_family=FONTS, font_size=TEXT_PX, fill=colours.muted,
    )  # fmt: skip


def ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Return round values, evenly apart, the first not above `low` and the last not below `high`, about `most`."""
    apart = (high - low or abs(low) or 1.0) / (most - 1)
    power = 10.0 ** math.floor(math.log10(apart))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= apart * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _chart(chart: Chart, colours: Tokens) -> Markup:
    values = [value for line in chart.lines for _across, value in line.points] + [each.value for each in chart.levels]
    across = [*chart.marks, *(place for line in chart.lines for place, _value in line.points)]
    up = ticks(min(values), max(values))
    scale = math.log2 if chart.doubling else float
    left, right = scale(min(across)), scale(max(across))
    indent = 14 if chart.doubling else 0

    def x(value: float) -> float:
        share = (scale(value) - left) / (right - left) if right > left else 0.5
        return round(LEFT + indent + share * (WIDTH - LEFT - RIGHT - 2 * indent), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - up[0]) / (up[-1] - up[0]) * (HEIGHT - TOP - BOTTOM), 1)

    def line(points: Line) -> Markup:
        colour = colours.series[points.series]
        placed = [(x(across), y(value)) for across, value in points.points]
        path = element("polyline", points=" ".join(f"{a},{b}" for a, b in placed), fill="none", stroke=colour,
                       stroke_width=2, stroke_linejoin="round")  # fmt: skip
        return together(path, *(element("circle", cx=a, cy=b, r=3, fill=colour) for a, b in placed))

    def level(of: Level, number: int) -> Markup:
        return element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(of.value), y2=y(of.value), stroke=colours.muted,
                       stroke_width=1.5, stroke_dasharray=_dashes(number))  # fmt: skip

    parts = [element("text", chart.title, x=LEFT - 30, y=20, font_size=TITLE_PX, font_weight=600, fill=colours.text)]
    parts += [_legend(chart, colours)]
    for value in up:
        parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(value), y2=y(value), stroke=colours.grid))
        parts.append(element("text", _figure(value), x=LEFT - 6, y=y(value) + 4, text_anchor="end"))
    bottom = HEIGHT - BOTTOM
    parts += [element("text", _figure(value), x=x(value), y=bottom + 16, text_anchor="middle") for value in chart.marks]
    parts.append(element("text", chart.below, x=WIDTH - RIGHT, y=bottom + 32, text_anchor="end"))
    parts += [level(each, number) for number, each in enumerate(chart.levels)]
    return together(*parts, *(line(each) for each in chart.lines if each.points))


def _legend(chart: Chart, colours: Tokens) -> Markup:
    """Return the names below the title, each after a piece of its line: of the lines, and below them of the levels."""
    lines = [(each.name, colours.series[each.series], None) for each in chart.lines if each.points]
    levels = [(each.name, colours.muted, _dashes(number)) for number, each in enumerate(chart.levels)]
    parts = list[Markup]()
    for y, row in ((38, lines), (54, levels)):
        x = float(LEFT - 30)
        for name, colour, dashes in row:
            parts.append(element("line", x1=round(x, 1), x2=round(x + SWATCH_PX, 1), y1=y, y2=y, stroke=colour,
                                 stroke_width=2, stroke_dasharray=dashes))  # fmt: skip
            parts.append(element("text", name, x=round(x + SWATCH_PX + 4, 1), y=y + 4))
            x += SWATCH_PX + 4 + LETTER_PX * len(name) + GAP_PX
    return together(*parts)


def _dashes(number: int) -> str:
    """Return how the level of that number, from 0, is dashed."""
    return ("6 4", "2 3")[number % 2]


def _figure(value: float) -> str:
    return localized(f"{value:.6g}" if abs(value) > 1e-9 else "0")
