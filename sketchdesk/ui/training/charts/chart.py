"""One chart: lines over steps in a card, with axes, a legend that reads out values, and a crosshair."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QSizePolicy, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.fonts import FAMILY
from sketchdesk.ui.theme.manager import theme, tokens
from sketchdesk.ui.theme.tokens import Tokens
from sketchdesk.ui.training.charts.metric_series import Values, thinned
from sketchdesk.ui.training.charts.phase_marks import PhaseMarks
from sketchdesk.ui.training.charts.step_plot import StepPlot
from sketchdesk.ui.widgets.card import Card

TICK_PX = 10
AXIS_WIDTH_PX, BOTTOM_PX = 46, 30
ROOM = 0.08
MOST_NAMED = 0.4
"""Of the height, at most, is left to the names of phases."""
"""Left free above and below the lines."""
GAP = "&nbsp; "
"""Between the parts of the legend."""
LONG = 1000
"""Lines with more points on show are painted thin and without soft edges: far faster, and as good to read."""

pg.setConfigOptions(antialias=True)

Format = Callable[[float], str]


@dataclass(frozen=True)
class Line:
    """How one line looks, and what it is called in the legend; with None it is not in it."""

    colour: str
    label: str | None = None
    width: float = 1.6
    strength: float = 1.0
    """How much of the colour is left over the card's, 0..1."""
    dashed: bool = False
    depth: int = 0
    """Lines of greater depth lie below."""
    is_smooth: bool = False
    """Long lines keep their edges: a smooth line has no peaks that could get lost between two pixels."""


class Chart(Card):
    """A card with lines over steps. The wheel zooms the steps, dragging moves them; the height fits what is seen.

    Signals:
        pointed(object): The step that is pointed at in this chart, or None.
        moved(float, float): The person zoomed or moved; the first and the last step that are seen now.
        clicked(float): The step that was clicked.
    """

    pointed = Signal(object)
    moved = Signal(float, float)
    clicked = Signal(float)

    def __init__(self, name: str, read_out: Format, is_main: bool = False, parent: QWidget | None = None) -> None:
        """Make a chart; the main one fits its heights closely and names the step, others begin at zero."""
        super().__init__(name, parent)
        self._read_out, self._is_main = read_out, is_main
        self._lines: dict[str, tuple[Line, Values, Values, Any]] = {}
        self._level: tuple[float, str] | None = None
        self._at: float | None = None
        self._heading = ""
        self._tokens: Tokens | None = None
        self._note.setTextFormat(Qt.TextFormat.RichText)
        # A long legend is cut off rather than widening the window.
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.head.setStretch(self.head.indexOf(self._note), 1)
        self.head.setStretch(self.head.indexOf(self._note) - 1, 0)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.plot = named(StepPlot(), f"{name}_plot")
        policy = self.plot.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.plot.setSizePolicy(policy)
        self.body.addWidget(self.plot, 1)
        self._cross = pg.InfiniteLine(angle=90)
        self._rule = pg.InfiniteLine(angle=0)
        for line in (self._cross, self._rule):
            line.hide()
            self.plot.addItem(line, ignoreBounds=True)
        self.phases = PhaseMarks(self.plot, _tick_font(), is_main)
        box = self.plot.plotItem.vb
        box.setMouseEnabled(x=True, y=False)
        box.disableAutoRange()
        box.sigXRangeChanged.connect(self._on_range_changed)
        box.sigResized.connect(self._on_range_changed)
        box.sigRangeChangedManually.connect(self._on_range_moved)
        self.plot.pointed.connect(self._on_pointed)
        self.plot.stepped.connect(self._on_stepped)
        self.plot.clicked.connect(self.clicked)
        theme().changed.connect(self._on_theme)
        self.paint_theme()

    def set_texts(self, title: str, sentence: str) -> None:
        """Set the title, with its unit, and what the chart shows."""
        self._heading = title
        describe(self.plot, sentence)
        self.plot.setLabel("bottom", _("step"), color=tokens().muted, **{"font-size": f"{TICK_PX}px"})
        self._show_note()

    def set_read_out(self, read_out: Format) -> None:
        """Write values in another way."""
        self._read_out = read_out

    def set_line(self, key: str, steps: Values, values: Values, line: Line) -> None:
        """Draw a line, or draw it anew; call finish() after the last one."""
        known = self._lines.get(key)
        curve = known[3] if known else pg.PlotDataItem()
        if known is None:
            self.plot.addItem(curve, ignoreBounds=True)
        self._lines[key] = (line, steps, values, curve)
        self._paint_line(key)

    def finish(self, keys: set[str]) -> None:
        """Take away every line but these, once all have been drawn anew; fit heights and legend to them."""
        for key in [key for key in self._lines if key not in keys]:
            self.plot.removeItem(self._lines.pop(key)[3])
        self._fit_height()
        self._show_note()

    def set_level(self, value: float | None, label: str = "") -> None:
        """Draw a level across (a limit, a forecast), or none; call finish() afterwards."""
        self._level = None if value is None else (value, label)
        self._rule.setVisible(value is not None)
        if value is not None:
            self._rule.setPos(value)

    def set_log(self, is_log: bool) -> None:
        """Take the logarithm of the heights, or not."""
        self.plot.setLogMode(y=is_log)
        self._on_range_changed()

    def show_steps(self, first: float, last: float) -> None:
        """Show these steps, from edge to edge."""
        self.plot.plotItem.vb.setXRange(first, max(last, first + 1), padding=0)

    def set_crosshair(self, step: float | None) -> None:
        """Read out the values at a step, or none."""
        self._at = step
        nearest = self._nearest(step)
        self._cross.setVisible(nearest is not None)
        if nearest is not None:
            self._cross.setPos(nearest)
        self._show_note()

    def paint_theme(self) -> None:
        """Take the colours in use, if they are others by now; one that is not seen waits to be told."""
        if self._tokens is tokens():
            return
        self._tokens = tokens()
        self.plot.setBackground(tokens().surface)
        font = _tick_font()
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(tokens().border))
            axis.setTextPen(pg.mkPen(tokens().muted))
            axis.setTickPen(pg.mkPen(tokens().grid))
            axis.setStyle(tickFont=font, tickLength=0, autoExpandTextSpace=False, hideOverlappingLabels=True)
            axis.enableAutoSIPrefix(False)
            axis.setZValue(-1000)  # its grid lies under the lines
        bottom = self.plot.getAxis("bottom")
        bottom.setLabel(bottom.labelText, color=tokens().muted, **{"font-size": f"{TICK_PX}px"})
        bottom.setHeight(BOTTOM_PX)
        self.plot.getAxis("left").setWidth(AXIS_WIDTH_PX)
        self.plot.getAxis("left").setPen(pg.mkPen(None))
        self.plot.getAxis("left").setGrid(255)
        self._cross.setPen(pg.mkPen(tokens().muted, width=1, style=Qt.PenStyle.DashLine))
        self._rule.setPen(pg.mkPen(tokens().warning, width=1, style=Qt.PenStyle.DashLine))
        self._show_note()

    def _paint_line(self, key: str) -> None:
        """Give the curve the points that can be told apart in the part that is seen."""
        line, steps, values, curve = self._lines[key]
        box = self.plot.plotItem.vb
        (first, last), width = box.viewRange()[0], max(100, int(box.width()))
        seen, heights = thinned(steps, values, first, last, width // 2, peaks=not line.is_smooth)
        is_long = len(seen) > LONG
        curve.setZValue(-line.depth)
        curve.setPen(_pen(line, 1.0 if is_long else line.width))
        # A single value has no line to be seen by.
        alone = len(seen) == 1
        dot = {"symbol": "o", "symbolSize": 5, "symbolBrush": QColor(line.colour), "symbolPen": None} if alone else {}
        curve.setData(seen, heights, antialias=not is_long, **({"symbol": None} | dot))

    def _on_range_changed(self, *_what: object) -> None:
        for key in self._lines:
            self._paint_line(key)
        self._fit_height()

    def _fit_height(self) -> None:
        """Let the heights follow what is seen: closely in the main chart, from zero and up to the level in others."""
        drawn = [curve.getData()[1] for *_line, curve in self._lines.values()]  # logarithms, where those are shown
        heights = np.concatenate([np.empty(0), *(each for each in drawn if each is not None)])
        if not len(heights):
            return
        low, high = float(heights.min()), float(heights.max())
        if not self._is_main:
            low, high = 0.0, max(high, self._level[0] if self._level else 0.0)
        room = max(high - low, abs(high) * 1e-3, 1e-12) * ROOM
        low, high = low - room if self._is_main else 0.0, high + room
        box = self.plot.plotItem.vb
        named = min(MOST_NAMED, self.phases.height_px / max(1.0, box.height()))
        box.setYRange(low, high + (high - low) * named / (1 - named), padding=0)

    def _nearest(self, step: float | None) -> float | None:
        """Return the step with a value that is nearest to `step`, in the line with the most of them."""
        longest = self._longest()
        return None if step is None or not len(longest) else float(longest[np.abs(longest - step).argmin()])

    def _longest(self) -> Values:
        """Return the steps of the line with the most of them, none where there is no line."""
        found: list[Values] = [steps for _line, steps, _values, _curve in self._lines.values()]
        return max(found, key=len, default=np.empty(0))

    def _show_note(self) -> None:
        """Write the legend: a dot, a name and a value for each line (at the crosshair or the last), and the level."""
        parts = []
        nearest = self._nearest(self._at)
        if self._is_main and nearest is not None:
            parts.append(_("step {step}").format(step=f"<b>{round(nearest)}</b>"))
        for line, steps, values, _curve in self._lines.values():
            if line.label is not None and len(steps):
                value = self._read_out(_value_at(steps, values, self._at))
                dot = f'<span style="color:{line.colour}">●</span>'
                parts.append(f"{dot} {html.escape(line.label)} <b>{value}</b>".replace("  ", " "))
        legend = GAP.join(parts)
        is_crowded = len(parts) > 1 and not self._is_main
        if self._level and not is_crowded:  # of several runs the values matter more
            level = f'<span style="color:{tokens().warning}">╌</span> {html.escape(self._level[1])}'
            legend = self._fitting(GAP.join((*parts, level)), legend)
        if (self._heading, legend) != (self._title.text(), self._note.text()):
            self.set_text(self._heading, legend)

    def _fitting(self, whole: str, shorter: str) -> str:
        """Return what there is room for: half a number would be read as another one."""
        document = QTextDocument()
        document.setDefaultFont(self._note.font())
        document.setDocumentMargin(0)
        document.setHtml(whole)
        return whole if document.idealWidth() <= self._note.width() else shorter

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what there is room for now."""
        super().resizeEvent(event)
        self._show_note()

    @Slot()
    def _on_theme(self) -> None:
        if self.isVisible():
            self.paint_theme()

    @Slot(object)
    def _on_pointed(self, step: float | None) -> None:
        self.pointed.emit(self._nearest(step))

    @Slot(int)
    def _on_stepped(self, way: int) -> None:
        longest = self._longest()
        if len(longest):
            now = int(np.abs(longest - (longest[-1] if self._at is None else self._at)).argmin())
            self.pointed.emit(float(longest[min(max(now + way, 0), len(longest) - 1)]))

    def _on_range_moved(self, *_axes: object) -> None:
        self.moved.emit(*self.plot.plotItem.vb.viewRange()[0])


def _tick_font() -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(TICK_PX)
    return font


def _pen(line: Line, width: float) -> Any:
    # Mixed with the card's colour rather than transparent: see-through lines cost many times as much to paint.
    colour, ground = QColor(line.colour), QColor(tokens().surface)
    channels = ((colour.red(), ground.red()), (colour.green(), ground.green()), (colour.blue(), ground.blue()))
    mixed = QColor(*(round(own * line.strength + under * (1 - line.strength)) for own, under in channels))
    return pg.mkPen(mixed, width=width, style=Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine)


def _value_at(steps: Values, values: Values, step: float | None) -> float:
    return float(values[-1] if step is None else values[np.abs(steps - step).argmin()])
