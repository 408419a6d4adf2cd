"""What a chart over steps is drawn on: it tells which step is pointed at, and which is clicked."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent

from sketchdesk.ui.widgets.axes import local_axes


class StepPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot that tells where the pointer is, and moves its crosshair with the arrow keys.

    Signals:
        pointed(object): The step under the pointer, None when it has left.
        stepped(int): −1 or +1: one value to the left or right.
        clicked(float): The step that was clicked.
    """

    pointed = Signal(object)
    stepped = Signal(int)
    clicked = Signal(float)

    def __init__(self) -> None:
        super().__init__(viewBox=pg.ViewBox(enableMenu=False), enableMenu=False, axisItems=local_axes())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hideButtons()
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the crosshair."""
        way = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}.get(event.key())
        self.stepped.emit(way) if way else super().keyPressEvent(event)

    def _on_moved(self, position: Any) -> None:
        box = self.plotItem.vb
        inside = box.sceneBoundingRect().contains(position)
        self.pointed.emit(float(box.mapSceneToView(position).x()) if inside else None)

    def _on_clicked(self, event: Any) -> None:
        box = self.plotItem.vb
        if event.button() == Qt.MouseButton.LeftButton and box.sceneBoundingRect().contains(event.scenePos()):
            self.clicked.emit(float(box.mapSceneToView(event.scenePos()).x()))
