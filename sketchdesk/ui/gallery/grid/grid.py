"""The grid of pictures: paints what is seen and nothing else, so that a hundred thousand scroll like ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.grid.drop_view import DropView
from sketchdesk.ui.gallery.grid.dropped import as_files
from sketchdesk.ui.gallery.grid.painting import CellPainter, Look, paint_band, star_rect
from sketchdesk.ui.gallery.grid.picked import Place, remember, rows_of, selection_of
from sketchdesk.ui.gallery.grid.thumbnails import SIDES_PX, Key, Thumbnails, side_for
from sketchdesk.ui.gallery.words import badge
from sketchdesk.ui.theme.manager import set_role, theme

DRAG_PX = 96


class Grid(DropView):
    """Shows a CellsModel. What is selected stays selected when the images around it change.

    Signals:
        picked(): Other images are selected, or the keyboard is at another one.
        opened(int): The image with this id was asked to fill the view (Enter, double click).
        star_pressed(int): The star of the image with this id was pressed.
        drag_wished(list[int]): Images are dragged out whose files are not all known here; answer with drag().
        vanished(Path): The file of an image that is seen cannot be read.
    """

    picked = Signal()
    opened = Signal(int)
    star_pressed = Signal(int)
    drag_wished = Signal(object)
    vanished = Signal(object)

    def __init__(self, cells: CellsModel, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_grid")
        set_role(self, "bare")
        self._cells = cells
        self._thumbnails = thumbnails
        self._painter = CellPainter(self.font())
        self._hovered: int | None = None
        self._place = Place()
        self._restoring = False
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setModel(cells)
        # After setModel, so that the view and its selection hear of a reset first.
        cells.modelAboutToBeReset.connect(self._remember)
        cells.modelReset.connect(self._restore)
        cells.dataChanged.connect(self._repaint)
        self.selectionModel().selectionChanged.connect(self._on_picked)
        self.selectionModel().currentChanged.connect(self._on_picked)
        self.verticalScrollBar().valueChanged.connect(self._unhover)
        thumbnails.arrived.connect(self._on_arrived)
        theme().changed.connect(self._repaint)
        self.activated.connect(self._on_activated)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setAccessibleName(_("Pictures"))
        self.setAccessibleDescription(_("Arrow keys move, Enter opens, the full stop gives a star, Del deletes"))

    # --- what is selected ----------------------------------------------------------------------------------------

    def picked_ids(self) -> list[int]:
        """Return the ids of the selected images, in the order of the grid."""
        ids, lead = self._cells.ids, len(self._cells.live)
        found: list[int] = []
        for rows in rows_of(self.selectionModel().selection()):
            found.extend(ids[max(rows.start - lead, 0) : max(rows.stop - lead, 0)])
        return found

    def current_id(self) -> int | None:
        """Return the id of the image the keyboard is at."""
        return self._cells.id_at(self.currentIndex().row()) if self.currentIndex().isValid() else None

    def pick(self, ids: Iterable[int]) -> None:
        """Select images, go to the first and show it; ids that are not here are left out."""
        rows = [row for image_id in ids if (row := self._cells.row_of(image_id)) is not None]
        if rows:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self._cells.index(rows[0]), flags.NoUpdate)
            self.selectionModel().select(selection_of(self._cells, sorted(rows)), flags.ClearAndSelect)
            self.scrollTo(self._cells.index(rows[0]))

    def step(self, by: int) -> int | None:
        """Go `by` images on (or back) and return the new one's id; None where there is none."""
        image_id = self._cells.id_at(self.currentIndex().row() + by)
        if image_id is not None:
            self.setCurrentIndex(self._cells.index(self.currentIndex().row() + by))
        return image_id

    def first_row(self) -> int:
        """Return the first row of an image; the keyboard passes over what is being drawn."""
        return len(self._cells.live)

    # --- events --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Give or take a star, else select."""
        row = self._star_at(event.position().toPoint())
        image_id = self._cells.id_at(row) if row is not None else None
        if image_id is not None and event.button() == Qt.MouseButton.LeftButton:
            self.star_pressed.emit(image_id)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open, but not by two presses of a star."""
        if self._star_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the cell under the pointer."""
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else None)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drawing of a rectangle."""
        super().mouseReleaseEvent(event)
        self.band = None
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """No cell is under the pointer."""
        self._hover(None)
        super().leaveEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Drag the selected images out, as files; those that are not read yet are asked for first."""
        ids = self.picked_ids()
        images = [image for image_id in ids if (image := self._cells.image(image_id))]
        if len(images) < len(ids):
            self.drag_wished.emit(ids)
        else:
            self.drag([image.path for image in images])

    def drag(self, paths: Sequence[Path]) -> None:
        """Drag files out, with the current image under the pointer; nothing where the button is up again."""
        if not paths or not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            return
        drag = QDrag(self)
        drag.setMimeData(as_files(paths))
        image = self._cells.image_at(self.currentIndex().row())
        shown = self._thumbnails.last_of(image.path) if image else None
        if shown is not None:
            drag.setPixmap(QPixmap.fromImage(shown.scaled(DRAG_PX, DRAG_PX, Qt.AspectRatioMode.KeepAspectRatio)))
        drag.exec(Qt.DropAction.CopyAction)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the cells in sight, and say which pictures are wanted: these, then those below."""
        tiling, offset = self.tiling(), self.verticalOffset()
        seen = tiling.between(offset, offset + self.viewport().height())
        ahead = range(seen.stop, min(seen.stop + len(seen), tiling.count))
        side = side_for(tiling.side_px * self.devicePixelRatioF())
        wanted: list[Key | None] = []
        key: Key | None
        picked = self._picked_among(seen)
        current = self.currentIndex().row() if self.hasFocus() else -1
        painter = QPainter(self.viewport())
        for row in seen:
            left, top = tiling.corner(row)
            if row < len(self._cells.live):
                key, look = self._live_look(row)
            else:
                key, look = self._look(row, side, row in picked, row == current)
            wanted.append(key)
            self._painter.paint(painter, left, top - offset, tiling.side_px, look)
        if self.band:
            paint_band(painter, self.band)
        painter.end()
        below = [self._key(self._cells.image_at(row), side) for row in ahead]
        self._thumbnails.want([key for key in wanted if key], [key for key in below if key])

    # --- inside --------------------------------------------------------------------------------------------------

    def _key(self, image: GalleryImage | None, side_px: int) -> Key | None:
        return Key(image.path, image.mtime_ns, side_px) if image else None

    def _live_look(self, row: int) -> tuple[Key, Look]:
        cell = self._cells.live[row]
        key = Key(cell.path, cell.version, SIDES_PX[-1])  # previews are small; no thumbnails are made of them
        shown = self._thumbnails.get(key)
        if shown is None or shown.isNull():  # not read yet, or replaced before it was
            shown = self._thumbnails.last_of(cell.path)
        return key, Look(image=shown, badge=f"{cell.step} / {cell.total}", fraction=cell.fraction)

    def _picked_among(self, seen: range) -> set[int]:
        """Return which of the rows are selected: one question to Qt, not one a cell."""
        parts = rows_of(self.selectionModel().selection())
        return {row for part in parts for row in range(max(part.start, seen.start), min(part.stop, seen.stop))}

    def _look(self, row: int, side_px: int, selected: bool, current: bool) -> tuple[Key | None, Look]:
        image = self._cells.image_at(row)
        key = self._key(image, side_px)
        if image is None or key is None:
            return None, Look(selected=selected, current=current)
        shown = self._thumbnails.get(key)
        if shown is None:
            shown = self._thumbnails.last_of(image.path)
        return key, Look(
            image=shown,
            badge=badge(image),
            name=image.path.name if shown is not None and shown.isNull() else "",
            starred=image.starred,
            mark=_("not saved") if image.unsaved else "",
            selected=selected,
            current=current,
            hovered=self._hovered == row,
        )

    def _star_at(self, point: QPoint) -> int | None:
        """Return the row of the image whose star is at a point of the viewport."""
        index = self.indexAt(point)
        if not index.isValid() or self._cells.id_at(index.row()) is None:
            return None
        return index.row() if star_rect(QRectF(self.visualRect(index))).contains(point) else None

    def _hover(self, row: int | None) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()

    @Slot()
    def _remember(self) -> None:
        current = self.currentIndex().row() if self.currentIndex().isValid() else None
        seen = self.anchor() if self.verticalOffset() else None
        self._place = remember(self._cells, self.picked_ids(), current, seen)

    @Slot()
    def _restore(self) -> None:
        """Select again what was selected and is still here, and let what was seen stay where it was."""
        place, flags = self._place, QItemSelectionModel.SelectionFlag
        self._restoring = True
        rows, current = place.rows_in(self._cells), place.current_in(self._cells)
        if current is not None:
            self.selectionModel().setCurrentIndex(self._cells.index(current), flags.NoUpdate)
            if place.picked and not rows:
                rows = [current]
        self.selectionModel().select(selection_of(self._cells, rows), flags.ClearAndSelect)
        self._restoring = False
        self._hovered = None
        self.updateGeometries()
        if seen := place.seen_in(self._cells):
            self.put_anchor(*seen)
        self.viewport().update()
        if self.picked_ids() != place.picked or self.current_id() != place.current_id:
            self.picked.emit()

    @Slot()
    def _on_picked(self) -> None:
        if not self._restoring:
            self.viewport().update()
            self.picked.emit()

    @Slot(object)
    def _on_arrived(self, key: Key) -> None:
        self.viewport().update()
        shown = self._thumbnails.get(key)
        if shown is not None and shown.isNull() and all(key.path != cell.path for cell in self._cells.live):
            self.vanished.emit(key.path)

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    @Slot()
    def _unhover(self) -> None:
        self._hovered = None

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        image_id = self._cells.id_at(index.row())
        if image_id is not None:
            self.opened.emit(image_id)
