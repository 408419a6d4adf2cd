"""From Pillow's pictures to Qt's; in any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from PIL import Image


def qt_image(picture: Image.Image) -> QImage:
    """Return a picture in greys ("L"), RGB or RGBA as Qt paints it fastest, with memory of its own."""
    layouts = {
        "L": (1, QImage.Format.Format_Grayscale8, QImage.Format.Format_Grayscale8),
        "RGB": (3, QImage.Format.Format_RGB888, QImage.Format.Format_RGB32),
        "RGBA": (4, QImage.Format.Format_RGBA8888, QImage.Format.Format_ARGB32_Premultiplied),
    }
    size, held, wanted = layouts[picture.mode]
    view = QImage(picture.tobytes(), picture.width, picture.height, picture.width * size, held)
    return view.copy() if held == wanted else view.convertToFormat(wanted)
