"""Which picture is looked at, and showing it: in the panel at the right, and in full where it is seen so."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.gallery_view import GalleryView
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.grid.thumbnails import Key, Thumbnails


class Looking(QObject):
    """Follows the grid's selection."""

    def __init__(
        self,
        view: GalleryView,
        cells: CellsModel,
        thumbnails: Thumbnails,
        originals: Thumbnails,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._cells = view, cells
        self._thumbnails, self._originals = thumbnails, originals
        self._grid = view.desk.grid
        self._grid.picked.connect(self.show)
        view.full.step_wished.connect(self._on_step)
        originals.arrived.connect(self._on_original)

    def current(self) -> GalleryImage | None:
        """Return the picture that is looked at: in the comparison, the one at the right."""
        if self._view.shows_comparison():
            pair = self._view.comparing.pair
            return pair[1] if pair else None
        current = self._grid.current_id()
        return self._cells.image(current) if current is not None else None

    def chosen_ids(self) -> list[int]:
        """Return the selected pictures; where one is looked at alone, that one."""
        if self._view.shows_grid():
            return self._grid.picked_ids()
        image = self.current()
        return [image.id] if image else []

    @Slot()
    def show(self) -> None:
        """Show the selected picture's details, and the picture in full where it is."""
        image = self.current()
        if image is None and self._grid.currentIndex().isValid():
            self._cells.image_at(self._grid.currentIndex().row())  # asks for it
        if self._view.shows_full():
            self._show_full()
        elif image and self._view.shows_grid():
            self._originals.want([Key(image.path, image.mtime_ns, 0)])
        self._view.inspector.show_image(image, len(self._grid.picked_ids()))
        self._show_inspected()

    def _show_full(self) -> None:
        row = self._grid.currentIndex().row()
        image = self._cells.image_at(row)
        if image is None:
            if not self._cells.ids:
                self._view.go_to_grid()
            return
        lead = len(self._cells.live)
        beside = [one for near in (row + 1, row - 1) if near >= lead and (one := self._cells.image_at(near))]
        self._view.full.show_image(image, row - lead + 1, len(self._cells.ids), beside)

    def _show_inspected(self) -> None:
        if image := self._view.inspector.image:
            read = self._originals.get(Key(image.path, image.mtime_ns, 0))
            self._view.inspector.show_picture(read if read is not None else self._thumbnails.last_of(image.path))

    @Slot(int)
    def _on_step(self, by: int) -> None:
        self._grid.step(by)

    @Slot(object)
    def _on_original(self, _key: Key) -> None:
        self._show_inspected()
