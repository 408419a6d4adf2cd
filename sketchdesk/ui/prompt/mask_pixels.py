"""Masks as pixels: in greys as files have them, and as paint over a picture."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

OPACITY = 0.55
"""Of a mask over its picture."""


def painted_of(mask: QImage, colour: str) -> QImage:
    """Return a mask in greys as opaque paint of one colour, to go on painting."""
    painted = QImage(mask.size(), QImage.Format.Format_ARGB32)
    painted.fill(QColor(colour))
    painted.setAlphaChannel(mask.convertToFormat(QImage.Format.Format_Grayscale8))
    return painted.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def mask_png(painted: QImage) -> bytes:
    """Return paint as the bytes of a PNG in greys: white where there is paint."""
    alpha = painted.convertToFormat(QImage.Format.Format_Alpha8)
    alpha.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(alpha)
    return bytes(buffer.data().data())
