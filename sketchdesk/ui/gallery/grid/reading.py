"""Pictures from files, as Qt paints them. From any thread; what cannot be read is a null image."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtGui import QImage

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.images.pictures import read_picture
from sketchdesk.library.images.thumbnails import thumbnail
from sketchdesk.ui.widgets.qt_image import qt_image

log = logging.getLogger(__name__)


def read_thumbnail(path: Path, side_px: int) -> QImage:
    """Return a picture at least `side_px` wide or high, unless it is smaller itself."""
    try:
        kept = thumbnail(path, side_px)
        image = QImage.fromData(kept) if isinstance(kept, bytes) else QImage(str(kept))
        # Qt reads fewer kinds of files than Pillow, and takes no notice of which way is up.
        return read_whole(path, side_px) if image.isNull() or kept == path else image
    except SketchDeskError as error:
        log.info("%s %s", error.message, error.details)
        return QImage()


def read_original(path: Path, _side_px: int) -> QImage:
    """Return a picture in its own size, whatever is asked."""
    return read_whole(path)


def read_whole(path: Path, side_px: int | None = None) -> QImage:
    """Return a picture, upright, in its own size or at most `side_px` wide and high."""
    try:
        return qt_image(read_picture(path, side_px))
    except SketchDeskError as error:
        log.info("%s %s", error.message, error.details)
        return QImage()
