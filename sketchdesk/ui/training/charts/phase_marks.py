"""Where the phases of a distillation begin, as upright lines in a chart; the main one names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from sketchdesk.contracts.text import _
from sketchdesk.ui.theme.manager import tokens
from sketchdesk.ui.training.charts.phase_line import NAMES

Begins = Sequence[tuple[str, int]]
"""Phases as StageChanged names them, and the step after which each begins."""

AT_TOP = 1.0
TO_THE_RIGHT, INWARDS = [(0, 0), (0, 0)], [(0, 0), (1, 0)]
"""Which corner of its words lies on the line, where that is in the left half of the plot and in the right one."""
AT_END = 1 / 6
"""In so much of the plot, at its right, words would be cut off."""


class PhaseMarks:
    """The lines of one plot. Nothing is marked where there is only one phase."""

    def __init__(self, plot: Any, font: QFont, are_named: bool) -> None:
        self._plot, self._font, self._are_named = plot, font, are_named
        self._lines: list[Any] = []
        self._shown: tuple[Any, ...] = ()

    def show(self, begins: Begins) -> None:
        """Mark these phases, in the language and the colours in use."""
        begins = begins if len(begins) > 1 else ()
        wanted = (tuple((_(NAMES[name]), step) for name, step in begins), tokens())
        if wanted == self._shown:
            return
        self._shown = wanted
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = [self._line(name, step) for name, step in wanted[0]]

    @property
    def height_px(self) -> int:
        """What the names take at the top, 0 where there are none."""
        return QFontMetrics(self._font).height() + 2 if self._lines and self._are_named else 0

    @property
    def names(self) -> list[str]:
        """What stands at the lines, from left to right."""
        return [line.label.textItem.toPlainText() for line in self._lines if self._are_named]

    @property
    def steps(self) -> list[float]:
        """Where the lines stand."""
        return [line.value() for line in self._lines]

    def _line(self, name: str, step: int) -> Any:
        (left, right), _heights = self._plot.plotItem.vb.viewRange()
        anchors = INWARDS if right - step < AT_END * (right - left) else TO_THE_RIGHT
        words = {
            "position": AT_TOP, "color": tokens().muted, "fill": tokens().surface, "anchors": anchors, "movable": False,
        }  # fmt: skip
        line = pg.InfiniteLine(
            step, angle=90, pen=pg.mkPen(tokens().faint, width=1, style=Qt.PenStyle.DotLine),
            label=name if self._are_named else None, labelOpts=words,
        )  # fmt: skip
        if self._are_named:
            line.label.setFont(self._font)
        line.setZValue(-500)  # under the lines of numbers, over the grid
        self._plot.addItem(line, ignoreBounds=True)
        return line
