"""The cells of the grid as a Qt model: first what is being drawn, then the images found, read page by page."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    QUrl,
    Signal,
    Slot,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.grid.live import LiveCell
from sketchdesk.ui.gallery.words import clip_text, score_meaning

PAGE = 100
"""Images are read so many at a time."""
KEPT = 5_000
"""So many are kept."""

Index = QModelIndex | QPersistentModelIndex


class CellsModel(QAbstractListModel):
    """Holds the ids of all images found and what is known of some of them.

    Signals:
        needed(list[int]): Ids of images whose cells are seen and that have to be read; answer with put().
    """

    needed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: array[int] = array("q")
        self._live: list[LiveCell] = []
        self._images: OrderedDict[int, GalleryImage] = OrderedDict()
        self._fresh: set[int] = set()
        """Ids that are read, or asked for, since they last may have changed."""
        self._missing: dict[int, None] = {}
        self._ask = QTimer(self, interval=0, singleShot=True)
        self._ask.timeout.connect(self._on_ask)

    # --- what it holds -------------------------------------------------------------------------------------------

    @property
    def ids(self) -> array[int]:
        """Every image found, in order."""
        return self._ids

    @property
    def live(self) -> list[LiveCell]:
        """The cells before the images."""
        return self._live

    def live_at(self, row: int) -> LiveCell | None:
        """Return the picture at work in a row, or None for a row of an image."""
        return self._live[row] if row < len(self._live) else None

    def id_at(self, row: int) -> int | None:
        """Return the image's id in a row, or None where there is none."""
        place = row - len(self._live)
        return self._ids[place] if 0 <= place < len(self._ids) else None

    def row_of(self, image_id: int) -> int | None:
        """Return the row of an image, or None for one that is not here."""
        try:
            return self._ids.index(image_id) + len(self._live)
        except ValueError:
            return None

    def image_at(self, row: int) -> GalleryImage | None:
        """Return the image of a row, or None where it is not read yet; it is asked for then."""
        image_id = self.id_at(row)
        if image_id is None:
            return None
        if image_id not in self._fresh:
            self._miss(row - len(self._live))
        return self._images.get(image_id)

    def image(self, image_id: int) -> GalleryImage | None:
        """Return what is known of an image, without asking for more."""
        return self._images.get(image_id)

    # --- what is told --------------------------------------------------------------------------------------------

    def show(self, ids: array[int], live: Sequence[LiveCell]) -> None:
        """Hold other images and other pictures at work."""
        rows_change = ids != self._ids or len(live) != len(self._live)
        if rows_change:
            self.beginResetModel()
        self._ids, self._live = ids, list(live)
        if rows_change:
            self.endResetModel()
        elif live:
            self.dataChanged.emit(self.index(0), self.index(len(live) - 1))

    def put(self, images: Iterable[GalleryImage]) -> None:
        """Take in images that were read."""
        for image in images:
            self._images[image.id] = image
            self._images.move_to_end(image.id)
        while len(self._images) > KEPT:
            self._fresh.discard(self._images.popitem(last=False)[0])
        if self._ids or self._live:
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def stale(self) -> None:
        """What is known may have changed: it is shown until it is read again."""
        self._fresh.clear()
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    # --- Qt's questions ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of cells."""
        return 0 if parent.isValid() else len(self._live) + len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says to those who do not see it, and to the pointer."""
        if role not in (
            Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole
        ) or not index.isValid():  # fmt: skip
            return None
        if cell := self.live_at(index.row()):
            return _("Being drawn, step {step} of {total}: {prompt}").format(
                step=cell.step, total=cell.total, prompt=cell.prompt
            )
        image = self.image_at(index.row())
        if image is None:
            return ""
        text = image.record.full_prompt if image.record else image.path.name
        if image.unsaved:
            text = _("Not saved: {prompt}").format(prompt=text)
        if role == Qt.ItemDataRole.DisplayRole or not clip_text(image):
            return text
        return f"{text}\n{clip_text(image)}" + (f"\n{score_meaning()}" if role == Qt.ItemDataRole.ToolTipRole else "")

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Images can be selected and dragged; what is being drawn cannot yet."""
        if not index.isValid() or index.row() < len(self._live):
            return Qt.ItemFlag.ItemIsEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Images are dragged as files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of some cells."""
        images = (self.image_at(index.row()) for index in sorted(indexes, key=QModelIndex.row))
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(image.path)) for image in images if image])
        return data

    # --- inside --------------------------------------------------------------------------------------------------

    def _miss(self, place: int) -> None:
        """Ask for the page around an image; what is asked for together is read together."""
        start = place // PAGE * PAGE
        for image_id in self._ids[start : start + PAGE]:
            if image_id not in self._fresh:
                self._fresh.add(image_id)
                self._missing[image_id] = None
        if not self._ask.isActive():
            self._ask.start()

    @Slot()
    def _on_ask(self) -> None:
        missing, self._missing = self._missing, {}
        if missing:
            self.needed.emit(list(missing))
