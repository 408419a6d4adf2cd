"""A Qt view of square cells whose places are arithmetic: nothing is laid out, whatever the number of cells."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from sketchdesk.ui.gallery.grid.tiling import Tiling

ZOOMS_PX = (96, 112, 128, 144, 160, 192, 224, 256, 288, 320)

Index = QModelIndex | QPersistentModelIndex


class TiledView(QListView):
    """Places, moves and selects; what a cell looks like is for its subclass to say, in paintEvent.

    To screen readers it is the list that QListView is; nothing is left of how that lays its items out.

    Signals:
        zoom_changed(int): The cells have another size (pixels).
    """

    zoom_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom_px = 128
        self.band: QRect | None = None
        """The rectangle that is being drawn with the mouse, in the viewport."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, else the cells would change their size as it comes and goes.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def tiling(self) -> Tiling:
        """Return where the cells lie now."""
        model = self.model()
        return Tiling(model.rowCount() if model else 0, self.viewport().width(), self._zoom_px)

    def first_row(self) -> int:
        """Return the first row that the keyboard may go to."""
        return 0

    # --- size ----------------------------------------------------------------------------------------------------

    @property
    def zoom_px(self) -> int:
        """The least side of a cell."""
        return self._zoom_px

    def set_zoom(self, pixels: int) -> None:
        """Give the cells another size, within ZOOMS_PX; what is seen stays in sight."""
        pixels = min(max(pixels, ZOOMS_PX[0]), ZOOMS_PX[-1])
        if pixels == self._zoom_px:
            return
        row, top = self.anchor()
        self._zoom_px = pixels
        self.put_anchor(row, top)
        self.zoom_changed.emit(pixels)

    def zoom_by(self, steps: int) -> None:
        """Make the cells larger or smaller by some steps."""
        nearest = min(range(len(ZOOMS_PX)), key=lambda number: abs(ZOOMS_PX[number] - self._zoom_px))
        self.set_zoom(ZOOMS_PX[min(max(nearest + steps, 0), len(ZOOMS_PX) - 1)])

    def zoom_in(self) -> None:
        """Make the cells larger by a step."""
        self.zoom_by(1)

    def zoom_out(self) -> None:
        """Make the cells smaller by a step."""
        self.zoom_by(-1)

    def anchor(self) -> tuple[int, int]:
        """Return a row that is seen, the current one if it is, and where its top is in the viewport."""
        tiling, offset, current = self.tiling(), self.verticalOffset(), self.currentIndex()
        if current.isValid() and self.viewport().rect().intersects(self.visualRect(current)):
            return current.row(), self.visualRect(current).top()
        row = next(iter(tiling.between(offset, offset + 1)), 0)
        return row, tiling.corner(row)[1] - offset

    def put_anchor(self, row: int, top: int) -> None:
        """Scroll so that a row's top is at a height of the viewport again."""
        self.updateGeometries()
        self.verticalScrollBar().setValue(self.tiling().corner(row)[1] - top)
        self.viewport().update()

    # --- Qt's questions ------------------------------------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:
        """Return where a cell is in the viewport, or beyond it."""
        if not index.isValid():
            return QRect()
        tiling = self.tiling()
        left, top = tiling.corner(index.row())
        return QRect(left, top - self.verticalOffset(), tiling.side_px, tiling.side_px)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the cell at a point of the viewport."""
        row = self.tiling().at(point.x(), point.y() + self.verticalOffset())
        return QModelIndex() if row is None else self.model().index(row, 0)

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Scroll as little as brings a cell into sight, or to the middle if so hinted."""
        if not index.isValid():
            return
        rect, height, bar = self.visualRect(index), self.viewport().height(), self.verticalScrollBar()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif rect.top() < 0:
            bar.setValue(bar.value() + rect.top() - 8)
        elif rect.bottom() > height:
            bar.setValue(bar.value() + min(rect.bottom() - height + 8, rect.top()))

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return where a key leads from the current cell."""
        first, last = self.first_row(), self.model().rowCount() - 1
        if first > last:
            return QModelIndex()
        tiling = self.tiling()
        row = self.currentIndex().row() if self.currentIndex().isValid() else first - 1
        page = max(self.viewport().height() // tiling.pitch_px, 1) * tiling.columns
        to = QAbstractItemView.CursorAction
        steps = {
            to.MoveLeft: -1, to.MovePrevious: -1, to.MoveRight: 1, to.MoveNext: 1,
            to.MoveUp: -tiling.columns, to.MoveDown: tiling.columns, to.MovePageUp: -page, to.MovePageDown: page,
            to.MoveHome: first - row, to.MoveEnd: last - row,
        }  # fmt: skip
        return self.model().index(min(max(row + steps[action], first), last), 0)

    def horizontalOffset(self) -> int:
        """There is no scrolling sideways."""
        return 0

    def verticalOffset(self) -> int:
        """How far down it is scrolled, in pixels."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:
        """Every cell has its place."""
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select what the mouse's rectangle touches, or every cell from the one at its start to the one at its end."""
        tiling, offset = self.tiling(), self.verticalOffset()
        if not tiling.count:
            return
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self.band = rect.normalized()
            box = self.band.translated(0, offset)
            ranges = tiling.inside(box.left(), box.top(), box.right(), box.bottom())
            self.viewport().update()
        else:
            ends = [tiling.nearest(at.x(), at.y() + offset) for at in (rect.topLeft(), rect.bottomRight())]
            ranges = [range(min(ends), max(ends) + 1)]
        chosen = QItemSelection()
        for rows in ranges:
            chosen.select(self.model().index(rows.start, 0), self.model().index(rows.stop - 1, 0))
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """All of the viewport: one painting of it costs little."""
        return QRegion(self.viewport().rect())

    def keyboardSearch(self, _search: str) -> None:
        """Letters are shortcuts here, they do not look for cells."""

    def doItemsLayout(self) -> None:
        """There is nothing to lay out."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """Tell the scroll bar how much there is."""
        QAbstractItemView.updateGeometries(self)
        tiling, height, bar = self.tiling(), self.viewport().height(), self.verticalScrollBar()
        bar.setRange(0, max(0, tiling.height_px - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(tiling.pitch_px // 3, 1))

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Paint what is seen now."""
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new width."""
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl with the key of the equals sign is Ctrl+Plus where that would take a Shift."""
        if event.key() == Qt.Key.Key_Equal and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl make the cells larger or smaller."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = event.angleDelta().y()
            self.zoom_by((turned > 0) - (turned < 0))
            event.accept()
        else:
            super().wheelEvent(event)
