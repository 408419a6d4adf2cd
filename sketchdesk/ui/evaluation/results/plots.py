"""Two charts of a variant: every picture's cosine by model, and base against tuned at the same seed.

pyqtgraph takes a moment to import, so that is done beside the window's thread when the charts are first on screen.
"""

from __future__ import annotations

import random
import statistics
from typing import Any

from PySide6.QtCore import QBuffer, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QShowEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QGridLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.evaluation.words import model_title
from sketchdesk.ui.loading import load
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import theme, tokens
from sketchdesk.ui.widgets.axes import local_axes
from sketchdesk.ui.widgets.card import Card
from sketchdesk.workers.background import Background

HEIGHT_PX = 260
EXPORT_SCALE = 2
DOT_PX = 7
SPREAD = 0.16
"""How far dots are moved aside, in columns, so that equal values do not hide each other."""


class StudyPlots(QWidget):
    """Charts that follow the theme; a click on a dot opens its prompt.

    Signals:
        opened(str): All pictures of this prompt are wanted.
    """

    opened = Signal(str)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_plots")
        self._background = background
        self._is_asked_for = False
        self._cards = (Card("evaluation_strip_card"), Card("evaluation_pair_card"))
        self._plots: list[Any] = []
        self._study: Study | None = None
        self._variant: VariantFindings | None = None
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for column, card in enumerate(self._cards):
            card.body.addSpacing(HEIGHT_PX)  # nothing jumps when the charts come
            layout.addWidget(card, 0, column)
            layout.setColumnStretch(column, 1)
        theme().changed.connect(self._draw)
        self.retranslate()

    def show_variant(self, study: Study, variant: VariantFindings) -> None:
        """Show a variant, now or when the charts are first seen."""
        self._study, self._variant = study, variant
        self._cards[1].setVisible(variant.cosine is not None)
        self.retranslate()
        self._draw()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._cards[0].set_text(_("Cosine of every picture"), _("box: the middle half, line: the median"))
        self._cards[1].set_text(_("The same seed, twice"), _("above the line the second model scores higher"))
        self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the charts the first time they are seen."""
        super().showEvent(event)
        if not self._is_asked_for:
            self._is_asked_for = True
            load("pyqtgraph", self._background, self._make, self)

    def picture(self) -> QImage:
        """Return the charts as they look, sharp enough for print."""
        image = QImage(self.size() * EXPORT_SCALE, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(EXPORT_SCALE)
        image.fill(QColor(tokens().window))
        self.render(image)
        return image

    def vector(self) -> bytes:
        """Return the charts as SVG, as they look."""
        buffer = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self.size())
        generator.setViewBox(self.rect())
        generator.setTitle(self._cards[0].accessibleName() or "SketchDesk")
        dots = [item for plot in self._plots for item in plot.getPlotItem().items if hasattr(item, "setExportMode")]
        for item in dots:  # else they are stamped, as bitmaps
            item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0})
        painter = QPainter(generator)
        painter.fillRect(self.rect(), QColor(tokens().window))
        self.render(painter, QPoint())
        painter.end()
        for item in dots:
            item.setExportMode(False)
        return bytes(buffer.data().data())

    def _make(self, pg: Any) -> None:
        pg.setConfigOptions(antialias=True)
        for card, name in zip(self._cards, ("evaluation_strip", "evaluation_pairs"), strict=True):
            plot = named(pg.PlotWidget(axisItems=local_axes()), name)
            plot.setFixedHeight(HEIGHT_PX)
            plot.setMenuEnabled(False)
            plot.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # a cached ground is a bitmap in every SVG
            plot.hideButtons()
            plot.getViewBox().setMouseEnabled(x=False, y=False)
            for part in (plot, plot.viewport()):
                part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            card.body.takeAt(0)
            card.body.addWidget(plot)
            self._plots.append(plot)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        if not self._plots or not self._study or not self._variant:
            return
        for plot in self._plots:
            plot.clear()
            self._dress(plot)
        self._draw_strip(self._plots[0], self._variant)
        if self._variant.cosine is not None:
            self._draw_pairs(self._plots[1], self._study, self._variant)

    def _dress(self, plot: Any) -> None:
        colours = tokens()
        small = QFont(fonts.tabular(self.font()))
        small.setPixelSize(11)
        plot.setBackground(colours.surface)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(colours.border)
            axis.setTextPen(colours.muted)
            axis.setTickFont(small)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-4, tickTextOffset=6)
        plot.showGrid(x=False, y=True, alpha=0.12)

    def _label(self, plot: Any, side: str, text: str) -> None:
        plot.setLabel(side, text, color=tokens().muted, **{"font-size": "11px"})

    def _draw_strip(self, plot: Any, variant: VariantFindings) -> None:
        models = [model.name for model in variant.models if model.cosine]
        plot.getAxis("bottom").setTicks([[(place, model_name(name)) for place, name in enumerate(models)]])
        self._label(plot, "left", _("CLIP cosine"))
        rng = random.Random(0)  # the same picture at every drawing
        for place, name in enumerate(models):
            images = [image for image in variant.images if image.model == name and image.cosine is not None]
            colour = _series(place)
            self._box(plot, place, [image.cosine for image in images if image.cosine is not None], colour)
            spots = [(place + rng.uniform(-SPREAD, SPREAD), image.cosine, image) for image in images]
            self._dots(plot, spots, colour)
        plot.setXRange(-0.6, max(0.6, len(models) - 0.4), padding=0)
        plot.enableAutoRange(y=True)

    def _box(self, plot: Any, place: int, values: list[float], colour: QColor) -> None:
        import pyqtgraph as pg

        if len(values) < 2:
            return
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        ground = QColor(colour)
        ground.setAlpha(36)
        box = pg.BarGraphItem(
            x=[place], width=0.56, y0=[low], y1=[high], brush=ground, pen=pg.mkPen(colour, width=1)
        )
        plot.addItem(box)
        plot.plot([place - 0.28, place + 0.28], [median, median], pen=pg.mkPen(colour, width=2))

    def _draw_pairs(self, plot: Any, study: Study, variant: VariantFindings) -> None:
        import pyqtgraph as pg

        pairs = pairs_of(study, variant)
        values = [value for base, tuned in pairs for value in (base.cosine, tuned.cosine) if value is not None]
        line = pg.InfiniteLine(pos=(0, 0), angle=45, pen=pg.mkPen(tokens().muted, style=Qt.PenStyle.DashLine))
        plot.addItem(line, ignoreBounds=True)
        self._dots(plot, [(base.cosine, tuned.cosine, tuned) for base, tuned in pairs], _series(1))
        plot.showGrid(x=True, y=True, alpha=0.12)
        self._label(plot, "bottom", _("{model}: CLIP cosine").format(model=model_name(study.pair.base)))
        self._label(plot, "left", _("{model}: CLIP cosine").format(model=model_name(study.pair.tuned)))
        if values:
            margin = 0.06 * (max(values) - min(values)) or 0.01
            for set_range in (plot.setXRange, plot.setYRange):
                set_range(min(values) - margin, max(values) + margin, padding=0)

    def _dots(self, plot: Any, spots: list[tuple[Any, Any, StudyImage]], colour: QColor) -> None:
        import pyqtgraph as pg

        ground = QColor(colour)
        ground.setAlpha(170)
        dots = pg.ScatterPlotItem(
            x=[x for x, _y, _image in spots], y=[y for _x, y, _image in spots], data=[image for _x, _y, image in spots],
            size=DOT_PX, brush=ground, pen=pg.mkPen(tokens().surface, width=1), hoverable=True, hoverSize=DOT_PX + 4,
            tip=_tip,
        )  # fmt: skip
        dots.sigClicked.connect(self._on_clicked)
        plot.addItem(dots)

    @Slot(object, object, object)
    def _on_clicked(self, _dots: object, points: Any, _event: object) -> None:
        if len(points):
            self.opened.emit(points[0].data().prompt)


def pairs_of(study: Study, variant: VariantFindings) -> list[tuple[StudyImage, StudyImage]]:
    """Return base and tuned of each prompt and seed that both have a cosine at."""
    scored = [image for image in variant.images if image.cosine is not None and image.seed is not None]
    base = {(image.prompt, image.seed): image for image in scored if image.model == study.pair.base}
    tuned = [image for image in scored if image.model == study.pair.tuned]
    return [(base[key], image) for image in tuned if (key := (image.prompt, image.seed)) in base]


def _series(place: int) -> QColor:
    colours = tokens().series
    # The base in a quiet colour, the tuned in the accent: the eye compares with what is known.
    order = (len(colours) - 1, 0, *range(1, len(colours) - 1))
    return QColor(colours[order[place % len(order)]])


def _tip(x: float, y: float, data: StudyImage) -> str:
    seed = "" if data.seed is None else _("seed {seed}").format(seed=data.seed)
    cosine = "" if data.cosine is None else number(data.cosine)
    return "\n".join(part for part in (data.prompt, f"{model_title(model_name(data.model))}, {seed}: {cosine}") if part)
