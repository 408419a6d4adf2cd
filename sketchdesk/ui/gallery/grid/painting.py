"""How a cell looks: a picture on a rounded card, with what is known of it in the corners."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap

from sketchdesk.ui.theme import fonts, icons
from sketchdesk.ui.theme.manager import tokens

RADIUS = 8.0
INSET = 6.0
STAR_PX = 16.0
BAR_PX = 4.0
BADGE_PX = 18.0
FINISHED_BYTES = 128 * 2**20

_SHADE = QColor(12, 14, 19, 190)
_ON_SHADE = QColor("#ffffff")


@dataclass(frozen=True)
class Look:
    """What one cell shows."""

    image: QImage | None = None
    """None while it is being read; a null image where it cannot be."""
    badge: str = ""
    name: str = ""
    """Of the file, where the picture cannot be shown."""
    mark: str = ""
    """What stands above, for a picture that is not as the others."""
    starred: bool = False
    selected: bool = False
    current: bool = False
    """The keyboard is at this cell."""
    hovered: bool = False
    fraction: float | None = None
    """How much is drawn, for what is at work."""


class CellPainter:
    """Paints cells, and keeps how they look in the end, so that scrolling copies pixels and no more."""

    def __init__(self, font: QFont) -> None:
        self._font = fonts.tabular(font)
        self._font.setPixelSize(11)
        self._metrics = QFontMetricsF(self._font)
        self._finished: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()
        self._bytes = 0

    def paint(self, painter: QPainter, x: int, y: int, side: int, look: Look) -> None:
        """Paint a cell with its top left at a point."""
        painter.drawPixmap(x, y, self._cell(side, painter.device().devicePixelRatioF(), look))
        if look.selected or look.current or look.hovered or look.fraction is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            cell = QRectF(x, y, side, side)
            self._ring(painter, cell, look)
            if look.hovered and not look.starred and look.fraction is None:
                paint_star(painter, star_rect(cell), False)
            if look.fraction is not None:
                self._bar(painter, cell, look.fraction)

    def _cell(self, side: int, ratio: float, look: Look) -> QPixmap:
        """Return what of a cell stays as it is for long, made once."""
        picture = look.image.cacheKey() if look.image is not None else None
        key = (picture, look.badge, look.mark, look.starred, look.name, side, ratio, tokens().dark)
        finished = self._finished.get(key)
        if finished is not None:
            self._finished.move_to_end(key)
            return finished
        finished = QPixmap(round(side * ratio), round(side * ratio))
        finished.setDevicePixelRatio(ratio)
        finished.fill(Qt.GlobalColor.transparent)
        painter = QPainter(finished)
        self._finish(painter, QRectF(0, 0, side, side), look, ratio)
        painter.end()
        self._finished[key] = finished
        self._bytes += _bytes(finished)
        while self._bytes > FINISHED_BYTES and len(self._finished) > 1:
            self._bytes -= _bytes(self._finished.popitem(last=False)[1])
        return finished

    def _finish(self, painter: QPainter, cell: QRectF, look: Look, ratio: float) -> None:
        colours = tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(cell, RADIUS, RADIUS)
        if look.image is not None and not look.image.isNull():
            picture = rounded(look.image, cell.width(), ratio)
            size = picture.deviceIndependentSize()
            painter.drawPixmap(
                QPointF(round((cell.width() - size.width()) / 2), round((cell.height() - size.height()) / 2)), picture
            )
        elif look.image is not None:
            self._broken(painter, cell, look.name)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if look.badge:
            above = 0.0 if look.fraction is None else BAR_PX + INSET
            self._badge(painter, cell, look.badge, cell.bottom() - INSET - BADGE_PX - above)
        if look.mark:
            room = cell.adjusted(0, 0, -STAR_PX - INSET, 0)
            self._badge(painter, room, look.mark, cell.y() + INSET)
        if look.starred:
            paint_star(painter, star_rect(cell), True)

    def _broken(self, painter: QPainter, cell: QRectF, name: str) -> None:
        colours = tokens()
        side = min(32.0, cell.width() / 3)
        mark = icons.pixmap("image-off", colours.muted, 64)
        centre = cell.center()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRectF(centre.x() - side / 2, centre.y() - side, side, side), mark, QRectF(mark.rect()))
        painter.setFont(self._font)
        painter.setPen(QColor(colours.muted))
        below = QRectF(cell.x() + INSET, centre.y() + 6, cell.width() - 2 * INSET, 16)
        text = self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def _ring(self, painter: QPainter, cell: QRectF, look: Look) -> None:
        colours = tokens()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if look.selected:
            painter.setPen(QPen(QColor(colours.window), 2))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)
            painter.setPen(QPen(QColor(colours.accent), 2.5))
            painter.drawRoundedRect(cell.adjusted(-1, -1, 1, 1), RADIUS + 1, RADIUS + 1)
        elif look.current or look.hovered:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def _badge(self, painter: QPainter, room: QRectF, text: str, top: float) -> None:
        width = min(self._metrics.horizontalAdvance(text) + 12, room.width() - 2 * INSET)
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width - 8)
        box = QRectF(room.x() + INSET, top, width, BADGE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(_ON_SHADE)
        painter.setFont(self._font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _bar(self, painter: QPainter, cell: QRectF, fraction: float) -> None:
        groove = QRectF(cell.x() + INSET, cell.bottom() - INSET - BAR_PX, cell.width() - 2 * INSET, BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawRoundedRect(groove, BAR_PX / 2, BAR_PX / 2)
        groove.setWidth(max(BAR_PX, groove.width() * fraction))
        painter.setBrush(QColor(tokens().accent))
        painter.drawRoundedRect(groove, BAR_PX / 2, BAR_PX / 2)


def star_rect(cell: QRectF) -> QRectF:
    """Return where a cell's star is, and can be pressed."""
    return QRectF(cell.right() - INSET - STAR_PX - 2, cell.y() + INSET - 2, STAR_PX + 4, STAR_PX + 4)


def paint_star(painter: QPainter, box: QRectF, filled: bool) -> None:
    """Paint a star that can be seen on any picture."""
    outer = min(box.width(), box.height()) / 2 - 1
    path = QPainterPath()
    for number in range(10):
        angle, radius = math.pi * (number / 5 - 0.5), outer if number % 2 == 0 else outer * 0.45
        point = box.center() + QPointF(radius * math.cos(angle), radius * math.sin(angle) + 0.5)
        if number:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()
    painter.setPen(QPen(QColor(12, 14, 19, 120), 1.2))
    painter.setBrush(QColor(tokens().star) if filled else QColor(255, 255, 255, 150))
    painter.drawPath(path)


def paint_band(painter: QPainter, box: QRect) -> None:
    """Paint the rectangle that is drawn with the mouse to select what it touches."""
    colour = QColor(tokens().accent)
    painter.setPen(QPen(colour, 1))
    colour.setAlpha(40)
    painter.setBrush(colour)
    painter.drawRect(box.adjusted(0, 0, -1, -1))


def rounded(image: QImage, side: float, ratio: float) -> QPixmap:
    """Return the image fitted into a square, with round corners; `ratio` device pixels a pixel."""
    fitted = QSize(image.size()).scaled(
        round(side * ratio), round(side * ratio), Qt.AspectRatioMode.KeepAspectRatio
    ).expandedTo(QSize(1, 1))
    scaled = image.scaled(fitted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    made = QPixmap(fitted)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(scaled))
    painter.drawRoundedRect(QRectF(made.rect()), RADIUS * ratio, RADIUS * ratio)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
