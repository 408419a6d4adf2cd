"""The charts of a training: loss, memory, learning rate, gradient norm, images per second; several runs overlaid.

A distillation has other questions: are the paths straight, how near is one step to the teacher. Three charts show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.wording.number_words import short
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import theme, tokens
from sketchdesk.ui.training.charts.chart import Chart
from sketchdesk.ui.training.charts.measure_picker import MeasurePicker
from sketchdesk.ui.training.charts.measures import (
    OF_DISTILLATION,
    OF_TRAINING,
    gib_with_unit,
    known,
    measures,
    short_text,
)
from sketchdesk.ui.training.charts.run_lines import Shown, draw_loss, draw_measure, draw_memory
from sketchdesk.ui.training.runs.history import History

EXPORT_SCALE = 2.0
MARGIN = 0.02
"""Room left and right of the steps, as a share of them."""
SMOOTHING = 0.9
PAUSE_MS = 15
"""Between two charts that are drawn anew: all of them at once would hold the window up."""


def make_charts() -> Iterator[Chart]:
    """Make the charts one by one, for whoever wants to do something else in between: each takes its time."""
    yield Chart("training_chart_loss", short_text, is_main=True)
    yield Chart("training_chart_memory", gib_with_unit)
    for name in ("rate", "norm", "speed"):
        yield Chart(f"training_chart_{name}", short_text)


class Charts(QWidget):
    """Five charts over the same steps: one crosshair, one zoom. Call refresh() when histories have grown.

    What the lower three show can be chosen among all that the runs have numbers of.

    What has changed is drawn a moment later, one chart a turn of the event loop; settle() draws it now.

    Signals:
        zoomed(bool): Whether the person has zoomed; fit() shows everything again.
        clicked(float): A step was clicked in one of them.
    """

    zoomed = Signal(bool)
    clicked = Signal(float)

    def __init__(self, made: Sequence[Chart] = (), parent: QWidget | None = None) -> None:
        """Put charts together, those that make_charts() has made or new ones."""
        super().__init__(parent)
        self.setObjectName("training_charts")
        self._shown: list[Shown] = []
        self._smoothing = SMOOTHING
        self._forecast_gib: float | None = None
        self._is_zoomed = self._is_seen = False
        self.all = tuple(made or make_charts())
        self.loss, self.memory, self.rate, self.norm, self.speed = self.all
        self._lower = (self.rate, self.norm, self.speed)
        self._pickers = {chart: MeasurePicker(f"{chart.objectName()}_picker") for chart in self._lower}
        self._picked: dict[Chart, str] = {}
        self._distils = self._shows_optimiser = False
        self._stale: list[Chart] = []
        """To be drawn anew, the next one first."""
        self._turn = QTimer(self, interval=PAUSE_MS)
        self._turn.timeout.connect(self._draw_next)
        self._build()
        for chart in self.all:
            chart.pointed.connect(self._on_pointed)
            chart.moved.connect(self._on_moved)
            chart.clicked.connect(self.clicked)
        theme().changed.connect(self.refresh)
        self.retranslate()

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self.loss, 0, 0, 1, 4)
        grid.addWidget(self.memory, 0, 4, 1, 2)
        for column, chart in enumerate(self._lower):
            chart.head.setSpacing(4)
            grid.addWidget(chart, 1, 2 * column, 1, 2)
            chart.head.insertWidget(1, self._pickers[chart])
            self._pickers[chart].picked.connect(partial(self._on_picked, chart))
        for column in range(6):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(0, 3)
        grid.setRowStretch(1, 2)
        for chart in self.all:
            chart.plot.setMinimumSize(120, 76)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.loss.set_texts(
            _("Loss"), _("Loss over the training steps: of every batch, smoothed, and on what is held out")
        )
        self.memory.set_texts(
            _("Memory"), _("The most memory that the training has held so far, and, fainter, what it holds")
        )
        for picker in self._pickers.values():
            picker.retranslate()
        self._set_measures()

    def show_runs(self, runs: Sequence[Shown]) -> None:
        """Show these runs, the first in the foreground: it decides which charts there are."""
        self._shown = list(runs)
        self._distils = bool(runs) and runs[0].distils
        self._set_measures()

    def set_optimiser(self, shows_optimiser: bool) -> None:
        """Show of a distillation what its optimiser does, as of a training, instead of what is measured."""
        self._shows_optimiser = shows_optimiser
        self._picked.clear()
        self._set_measures()

    @property
    def picked(self) -> list[str]:
        """What the lower charts were chosen to show, "" for those that show what they do by themselves."""
        return [self._picked.get(chart, "") for chart in self._lower]

    def set_picked(self, names: Sequence[str]) -> None:
        """Show these in the lower charts, as picked says it; what is not known is left out."""
        self._picked = {chart: name for chart, name in zip(self._lower, names, strict=False) if name in measures()}
        self._set_measures()

    def _on_picked(self, chart: Chart, name: str) -> None:
        self._picked[chart] = name
        self._set_measures()

    def _shown_by(self, chart: Chart) -> str:
        """Return what a lower chart shows: what was chosen, where there are numbers of it."""
        picked = self._picked.get(chart, "")
        if picked and known(picked, self._histories):
            return picked
        plain = OF_DISTILLATION if self._distils and not self._shows_optimiser else OF_TRAINING
        return plain[self._lower.index(chart)]

    @property
    def _histories(self) -> list[History]:
        return [each.history for each in self._shown]

    def _set_measures(self) -> None:
        """Give the lower charts their titles and choices, and draw all anew."""
        texts = measures()
        there = [(name, measure.title) for name, measure in texts.items() if known(name, self._histories)]
        for chart in self._lower:
            name = self._shown_by(chart)
            chart.set_read_out(texts[name].read_out)
            chart.set_texts(texts[name].title, texts[name].sentence)
            self._pickers[chart].set_choices(there, name)
        self.refresh()

    def set_smoothing(self, weight: float) -> None:
        """Set how much of the smoothed loss comes from the past, 0..1."""
        self._smoothing = weight
        self.refresh()

    def set_forecast(self, memory_gib: float | None) -> None:
        """Mark in the memory chart what was expected."""
        self._forecast_gib = memory_gib
        self.refresh()

    def set_log(self, is_log: bool) -> None:
        """Show the loss on a logarithmic scale, or not."""
        self.loss.set_log(is_log)

    @Slot()
    def fit(self) -> None:
        """Show everything."""
        self._set_zoomed(False)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw soon what the histories hold."""
        self._stale += [chart for chart in self.all if chart not in self._stale]
        if not self._turn.isActive():
            self._turn.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the plots one a turn as well, the first time: all at once they take long."""
        super().showEvent(event)
        if not self._is_seen:
            self._is_seen = True
            for chart in self.all:
                chart.plot.hide()
            self.refresh()

    def settle(self) -> None:
        """Draw now what is still to be drawn."""
        while self._stale:
            self._draw_next()

    def image(self) -> QImage:
        """Return the charts as a picture, drawn for print."""
        self.settle()
        picture = QImage(self.size() * EXPORT_SCALE, QImage.Format.Format_ARGB32)
        picture.setDevicePixelRatio(EXPORT_SCALE)
        picture.fill(QColor(tokens().window))
        painter = QPainter(picture)
        self.render(painter, QPoint())
        painter.end()
        return picture

    @Slot()
    def _draw_next(self) -> None:
        """Draw one chart."""
        chart = self._stale.pop(0)
        if not self._stale:
            self._turn.stop()
        chart.paint_theme()
        if self._is_seen:
            chart.plot.show()
        if not self._is_zoomed:
            last = max((each.total for each in self._shown), default=1)
            chart.show_steps(-MARGIN * last, (1 + MARGIN) * last)
        if chart is self.loss:
            wanted = draw_loss(chart, self._shown, self._smoothing)
        elif chart is self.memory:
            wanted = draw_memory(chart, self._shown)
        else:
            wanted = draw_measure(chart, self._shown, self._shown_by(chart))
        self._set_level(chart)
        chart.phases.show(self._shown[0].begins if self._shown else ())
        chart.finish(wanted)

    def _set_level(self, chart: Chart) -> None:
        if chart is self.memory:
            gib = self._forecast_gib
            chart.set_level(gib, _("forecast {gib}").format(gib=number_text(gib or 0.0, 1)))
        elif chart is not self.loss:
            clips = self._shown and self._shown_by(chart) == "grad_norm"
            clip = self._shown[0].max_grad_norm if clips else 0.0
            chart.set_level(clip or None, _("clip {norm}").format(norm=short(clip)))

    @Slot(object)
    def _on_pointed(self, step: float | None) -> None:
        for chart in self.all:
            chart.set_crosshair(step)

    @Slot(float, float)
    def _on_moved(self, first: float, last: float) -> None:
        self._set_zoomed(True)
        for chart in self.all:
            chart.show_steps(first, last)

    def _set_zoomed(self, is_zoomed: bool) -> None:
        if is_zoomed != self._is_zoomed:
            self._is_zoomed = is_zoomed
            self.zoomed.emit(is_zoomed)
