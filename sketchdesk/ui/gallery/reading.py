"""Pictures from files, as Qt paints them. From any thread; what cannot be read is a null image."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QImage

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.pictures import read_picture
from sketchdesk.library.thumbnails import thumbnail

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
        return _image(read_picture(path, side_px))
    except SketchDeskError as error:
        log.info("%s %s", error.message, error.details)
        return QImage()


def _image(picture: Image.Image) -> QImage:
    has_ground = picture.mode == "RGBA"
    layout = QImage.Format.Format_RGBA8888 if has_ground else QImage.Format.Format_RGB888
    bytes_a_line = picture.width * (4 if has_ground else 3)
    view = QImage(picture.tobytes(), picture.width, picture.height, bytes_a_line, layout)
    # In the layout Qt paints fastest, and with memory of its own.
    return view.convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied if has_ground else QImage.Format.Format_RGB32
    )
