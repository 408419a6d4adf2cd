"""Small pictures of studies, read in threads when they are first seen and kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QObject, QRectF, Qt, QThreadPool, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.images.pictures import read_picture
from sketchdesk.ui.theme.manager import tokens

SIDE_PX = 384
"""Enough for the largest cell at 150 %; a picture that fills the screen is read on its own."""
KEPT = 400
THREADS = 2
NEWS_MS = 50


class Pictures(QObject):
    """Keeps the pictures asked for last. End it with shutdown().

    Signals:
        arrived(): Pictures that were asked for can be had now; whoever shows some paints again.
    """

    arrived = Signal()
    _read = Signal(object, QImage)

    def __init__(self, parent: QObject | None = None, side_px: int = SIDE_PX) -> None:
        super().__init__(parent)
        self._side_px = side_px
        self._kept: OrderedDict[Path, QPixmap] = OrderedDict()
        self._reading: set[Path] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._is_closed = False
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)
        self._news = QTimer(self, interval=NEWS_MS, singleShot=True)
        self._news.timeout.connect(self.arrived)

    def get(self, path: Path) -> QPixmap | None:
        """Return a picture, an empty one where the file is none, or None where it is being read for later."""
        found = self._kept.get(path)
        if found is not None:
            self._kept.move_to_end(path)
        elif path not in self._reading and not self._is_closed:
            self._reading.add(path)
            self._pool.start(lambda: self._work(path))
        return found

    def shutdown(self) -> None:
        """Read nothing more and wait for what is being read."""
        self._is_closed = True
        self._news.stop()
        self._pool.clear()
        self._pool.waitForDone()

    def _work(self, path: Path) -> None:
        if self._is_closed:
            return
        try:
            image = qimage(self._open(path, self._side_px))
        except SketchDeskError:
            image = QImage()
        self._read.emit(path, image)

    def _open(self, path: Path, side_px: int) -> Image.Image:
        """Return a picture, in a thread. Raises SketchDeskError where it cannot be read."""
        return read_picture(path, side_px)

    @Slot(object, QImage)
    def _on_read(self, path: Path, image: QImage) -> None:
        self._reading.discard(path)
        self._kept[path] = QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        if not self._is_closed and not self._news.isActive():
            self._news.start()


def qimage(picture: Image.Image) -> QImage:
    """Return a Pillow picture as Qt's, with pixels of its own."""
    rgba = picture.convert("RGBA")
    return QImage(rgba.tobytes(), rgba.width, rgba.height, QImage.Format.Format_RGBA8888).copy()


def paint_picture(painter: QPainter, cell: QRectF, picture: QPixmap | None, radius_px: float = 5.0) -> None:
    """Paint a picture, whole and centred, on a rounded card; a missing one leaves the card empty."""
    colours = tokens()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(cell, radius_px, radius_px)
    painter.fillPath(path, QColor(colours.field))
    if picture is not None and not picture.isNull():
        painter.save()
        painter.setClipPath(path)
        painter.drawPixmap(fitted(cell, picture), picture, QRectF(picture.rect()))
        painter.restore()
    elif picture is not None:
        painter.setPen(QColor(colours.muted))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, "×")
    painter.setPen(QPen(QColor(colours.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def fitted(cell: QRectF, picture: QPixmap) -> QRectF:
    """Return where in the cell a picture lies, as large as it fits without being cut."""
    scale = min(cell.width() / picture.width(), cell.height() / picture.height())
    found = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
    found.moveCenter(cell.center())
    return found
